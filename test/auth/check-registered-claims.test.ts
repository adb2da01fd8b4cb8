import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkRegisteredClaims } from '../../functions/auth/check-registered-claims.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createEdKey, type Json, signToken } from '../support/signed-tokens.ts';

const tenant = { audience: ['EHealth', 'reporting'] };
const key = createEdKey('k');

const judge = (payload: Json): unknown => {
  try {
    checkRegisteredClaims(payload, tenant);
    return 'accepted';
  } catch (error) {
    return error instanceof ServiceError ? error.details.reason : error;
  }
};

it.each([
  ['accepted', { aud: 'EHealth' }],
  ['accepted', { aud: ['other', 'reporting'], exp: 1.5, nbf: -1, iat: 0, sub: '', jti: 'j', scope: 'a b' }],
  ['audience-wrong', {}],
  ['audience-wrong', { aud: [] }],
  ['audience-wrong', { aud: 'ehealth' }],
  ['audience-wrong', { aud: 'EHealth reporting' }],
  ['claim-type', { aud: ['EHealth', 1] }],
  ['claim-type', { aud: [['EHealth']] }],
  ['claim-type', { aud: { 0: 'EHealth' } }],
  ['claim-type', { aud: 'EHealth', sub: null }],
  ['claim-type', { aud: 'EHealth', scope: ['a'] }],
  ['claim-type', { aud: 'EHealth', exp: '1' }],
])('is %s: %j', (verdict, payload) => {
  expect(judge(payload)).toBe(verdict);
});

it('accepts what aws-jwt-verify accepts, and nothing else', () => {
  const value = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      'EHealth',
      'other',
      ['EHealth'],
      ['other', 'reporting'],
      ['EHealth', 1],
      [],
      0,
      1.5,
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const claims = fc.record({ aud: value, exp: value, nbf: value, iat: value, sub: value, jti: value, scope: value });
  const { alg: _, ...jwk } = key.jwk;
  const askLibrary = (payload: Json): boolean => {
    const options = { issuer: null, audience: tenant.audience, graceSeconds: Number.POSITIVE_INFINITY };
    try {
      verifyJwtSync(signToken(payload, key), { ...jwk, kty: String(jwk.kty) }, options);
      return true;
    } catch {
      return false;
    }
  };
  // One claim at a time beside a good audience, and all at once.
  const one = fc
    .constantFrom('aud', 'exp', 'nbf', 'iat', 'sub', 'jti', 'scope')
    .chain((name) => value.map((said) => ({ aud: 'EHealth', [name]: said })));
  fc.assert(
    fc.property(fc.oneof(one, claims), (payload) => {
      expect(judge(JSON.parse(JSON.stringify(payload)) as Json) === 'accepted').toBe(askLibrary(payload));
    }),
    { numRuns: 500 },
  );
});
