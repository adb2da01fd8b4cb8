import { expect } from 'vitest';
import type { ErrorCode } from '../../functions/platform/service-error.ts';

/** Matches a ServiceError with this code, and with this cause (equal to a text, or matching a pattern) where one is given. */
export const serviceError = (code: ErrorCode, cause?: string | RegExp): unknown =>
  expect.objectContaining({
    name: 'ServiceError',
    code,
    ...(cause !== undefined && {
      details: expect.objectContaining({ cause: typeof cause === 'string' ? cause : expect.stringMatching(cause) }),
    }),
  });
