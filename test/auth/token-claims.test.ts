import { describe, expect, test } from 'vitest';
import { readCaller } from '../../functions/auth/token-claims.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createTenant } from '../support/auth-bench.ts';

const now = 1_770_000_000.5;
const tenant = createTenant('a');
const good = { exp: now + 300, iat: now, user_id: 'u', user_type: 'PRACTITIONER' };
const day = 24 * 3600;

const refusalOf = (members: object): unknown => {
  try {
    readCaller({ ...good, ...members }, tenant, now);
  } catch (error) {
    if (error instanceof ServiceError) return error.details.reason;
    throw error;
  }
  return undefined;
};

describe('claims are taken up to their bounds and refused beyond', () => {
  test.each([
    ['exp', now + 3660 * day, now + 3660 * day + 1, 'claim-exp'],
    ['exp', now - 29, now - 30, 'expired'],
    ['nbf', now + 30, now + 30.5, 'not-yet-valid'],
    ['iat', now + 30, now + 30.5, 'issued-in-future'],
    ['iat', now - day - 30, now - day - 30.5, 'issued-too-long-ago'],
    ['user_id', 'u', '', 'claim-user-id'],
    ['user_id', 'u'.repeat(128), 'u'.repeat(129), 'claim-user-id'],
    ['user_type', 't'.repeat(64), 't'.repeat(65), 'claim-user-type'],
  ])('%s: %s and %s', (claim, last, first, reason) => {
    expect(refusalOf({ [claim]: last })).toBeUndefined();
    expect(refusalOf({ [claim]: first })).toBe(reason);
  });

  test.each([
    ['exp', 'claim-exp'],
    ['nbf', 'claim-nbf'],
    ['iat', 'claim-iat'],
  ])('%s has to be a finite number', (claim, reason) => {
    for (const value of ['1770000000', null, true, Number.POSITIVE_INFINITY, {}]) {
      expect(refusalOf({ [claim]: value })).toBe(reason);
    }
  });
});
