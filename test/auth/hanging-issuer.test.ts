import { expect, test } from 'vitest';
import { createAuthBench, createTenant } from '../support/auth-bench.ts';
import { createRsaKey, keySetOf, signToken } from '../support/signed-tokens.ts';

const hangingTenant = createTenant('hanging');
const healthyTenant = createTenant('healthy');
const key = createRsaKey('rsa');

/** Two tenants: the keys of one come at once, those of the other when the test says so. */
const setUpHangingIssuer = () => {
  const answer = Promise.withResolvers<Uint8Array>();
  const fetch = (uri: string) => (uri === hangingTenant.jwksUri ? answer.promise : Promise.resolve(keySetOf(key)));
  const bench = createAuthBench([hangingTenant, healthyTenant], { fetch });
  const tokenOf = (tenant: typeof hangingTenant) => `Bearer ${signToken(bench.claims(tenant), key)}`;
  return { bench, answer, hanging: tokenOf(hangingTenant), healthy: tokenOf(healthyTenant) };
};

test('T54: while one issuer hangs, tokens of another tenant are verified without waiting for it', async () => {
  const { hanging, healthy, bench, answer } = setUpHangingIssuer();
  let waiting = 0;
  const stuck = Array.from({ length: 100 }, () => {
    waiting += 1;
    return bench.verifier.verify(hanging).finally(() => {
      waiting -= 1;
    });
  });
  for (let time = 0; time < 200; time += 1) expect((await bench.verifier.verify(healthy)).tenant.id).toBe('healthy');
  expect(waiting).toBe(100);
  expect(bench.fetched).toHaveLength(2);
  answer.reject(new Error('given up'));
  const outcomes = await Promise.allSettled(stuck);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(bench.fetched).toHaveLength(2);
});
