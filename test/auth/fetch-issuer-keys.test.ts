import { expect, test } from 'vitest';
import { fetchIssuerKeys } from '../../functions/auth/fetch-issuer-keys.ts';
import { createIssuerKeys } from '../../functions/auth/issuer-keys.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { createTenant } from '../support/auth-bench.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createRsaKey, keySetOf } from '../support/signed-tokens.ts';

const key = createRsaKey('k');

/** Keys that come from issuers, all of which answer but the one of the tenant `down`. */
const createKeys = () => {
  const fetched: string[] = [];
  const fetcher = {
    fetch: async (jwksUri: string) => {
      fetched.push(jwksUri);
      if (jwksUri.includes('down')) throw new Error('nobody answers');
      return keySetOf(key);
    },
  };
  return { fetched, keys: createIssuerKeys({ fetcher, clock: createManualClock(), logger: createRecordedLog() }) };
};

const registryOf = (...tenants: readonly Tenant[]) => ({
  all: async () => tenants,
  byIssuer: async () => undefined,
  byId: async () => undefined,
});

test('a key is there afterwards without a fetch', async () => {
  const { fetched, keys } = createKeys();
  const tenant = createTenant('a');
  await fetchIssuerKeys(registryOf(tenant), keys);
  expect((await keys.find(tenant, 'k'))?.kid).toBe('k');
  expect(fetched).toEqual([tenant.jwksUri]);
});

test('issuers of tenants that are not served here are left alone', async () => {
  const { fetched, keys } = createKeys();
  const elsewhere: Tenant = { ...createTenant('far'), elsewhere: true };
  await fetchIssuerKeys(registryOf(createTenant('off', { enabled: false }), elsewhere, createTenant('a')), keys);
  expect(fetched).toEqual([createTenant('a').jwksUri]);
});

test('of many tenants the first eight have their keys fetched', async () => {
  const { fetched, keys } = createKeys();
  await fetchIssuerKeys(registryOf(...Array.from({ length: 20 }, (_, index) => createTenant(`t${index}`))), keys);
  expect(fetched).toHaveLength(8);
});

test('an issuer that is down is an error, and keeps no other from being asked', async () => {
  const { keys } = createKeys();
  const well = createTenant('well');
  await expect(fetchIssuerKeys(registryOf(createTenant('down'), well), keys)).rejects.toMatchObject({
    code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
  });
  expect((await keys.find(well, 'k'))?.kid).toBe('k');
});
