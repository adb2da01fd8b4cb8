import { ServiceError } from '../platform/service-error.ts';
import type { ApiRequest } from './api-request.ts';

/** Visible ASCII (RFC 5234 VCHAR), 1 to 128 characters. */
const keyPattern = /^[\x21-\x7e]{1,128}$/;

/**
 * The `Idempotency-Key` of an order, or undefined without one. Taken to the letter, quotation marks included.
 *
 * @throws ServiceError `GENERAL_VALIDATION_ERROR` for a key that is none; it is not repeated
 */
export const readIdempotencyKey = (request: Pick<ApiRequest, 'header'>): string | undefined => {
  const key = request.header('idempotency-key');
  if (key === undefined || keyPattern.test(key)) return key;
  throw new ServiceError('GENERAL_VALIDATION_ERROR', {
    issue: 'value',
    args: ['Idempotency-Key has not 1 to 128 visible ASCII characters'],
  });
};
