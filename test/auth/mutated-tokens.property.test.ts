import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createAuthBench, createTenant } from '../support/auth-bench.ts';
import { type Mutation, tokenMutation } from '../support/mutate-token.ts';
import { createRsaKey, keySetOf, signToken } from '../support/signed-tokens.ts';

/** Cases; `TOKEN_MUTATIONS=1000000` for a long search. */
const cases = Number(process.env['TOKEN_MUTATIONS'] ?? 2_000);

const key = createRsaKey('rsa');
const forger = createRsaKey('rsa');
const tenant = createTenant('tenant-a', { algorithms: ['RS256', 'RS512', 'ES256', 'EdDSA'] });
const bench = createAuthBench([tenant]);
const { alg: _, ...jwk } = key.jwk;
bench.documents.set(tenant.jwksUri, keySetOf(jwk));

const good = signToken(bench.claims(tenant), key);
const caller = await bench.verifier.verify(`Bearer ${good}`);
const bytesOf = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));

/** A mutation may meet what an earlier one left, which need not be JSON any more. */
const apply = (token: string, mutation: Mutation): string => {
  try {
    return mutation(token) || token;
  } catch {
    return token;
  }
};

test(`whatever is done to a good token without its issuer's key, it is refused or still the same token (${cases} cases)`, {
  timeout: 60_000 + cases,
}, async () => {
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const mutations = fc.array(tokenMutation(forger, pem), { minLength: 1, maxLength: 3 });
  const refused = new Map<string, number>();
  let same = 0;
  await fc.assert(
    fc.asyncProperty(mutations, async (list) => {
      const token = list.reduce(apply, good);
      const outcome = await bench.verifier.verify(`Bearer ${token}`).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        if (!(outcome instanceof ServiceError)) throw outcome;
        expect(['SECURITY_TOKEN_INVALID', 'GENERAL_VALIDATION_ERROR']).toContain(outcome.code);
        const reason = outcome.details.reason ?? '';
        refused.set(reason, (refused.get(reason) ?? 0) + 1);
      } else {
        expect(bytesOf(token.trim())).toEqual(bytesOf(good));
        expect(outcome).toEqual(caller);
        same += 1;
      }
    }),
    { numRuns: cases },
  );
  // The search has come to every layer: the header, the form, the algorithm, the key, the signature.
  const reasons = [
    'header-doubled',
    'token-form',
    'token-encoding',
    'token-json',
    'header-alg',
    'key-unknown',
    'signature-wrong',
  ];
  expect([...refused.keys()]).toEqual(expect.arrayContaining(reasons));
  expect(same).toBeLessThan(cases / 10);
});
