import { ServiceError } from '../platform/service-error.ts';
import { refuseToken } from './token-refusal.ts';

/** API Gateway takes 10 240 bytes for the request line and all headers, so a token of 8 KiB is the most that can matter. */
const longestToken = 8192;

const bearerScheme = /^bearer(?: +|$)/i;

/** `b64token` of RFC 6750 section 2.1, whole. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The token of an `Authorization` header of the form `Bearer <token>` (RFC 6750 section 2.1): the scheme in any case, one or
 * more spaces. API Gateway joins a header that was sent twice with a comma, which no token has; of two, none is picked.
 *
 * @returns 1 to 8192 characters.
 * @throws ServiceError `SECURITY_TOKEN_INVALID`, or `GENERAL_VALIDATION_ERROR` with challenge `invalid_request` for a doubled header.
 */
export const readBearerToken = (authorization: string | undefined): string => {
  const header = authorization?.trim() ?? '';
  if (header === '') throw refuseToken('token-missing');
  const scheme = bearerScheme.exec(header);
  if (scheme === null) throw refuseToken('scheme-unknown');
  const token = header.slice(scheme[0].length);
  if (token === '') throw refuseToken('token-empty');
  if (token.includes(',')) {
    throw new ServiceError('GENERAL_VALIDATION_ERROR', {
      args: ['the Authorization header was sent more than once'],
      challenge: 'invalid_request',
      issue: 'invalid',
      reason: 'header-doubled',
    });
  }
  if (token.length > longestToken) throw refuseToken('token-too-long');
  if (!tokenPattern.test(token)) throw refuseToken('token-form');
  return token;
};
