import { expect, test } from 'vitest';
import { fetchIssuerKeys } from '../../functions/auth/fetch-issuer-keys.ts';
import { createIssuerKeys } from '../../functions/auth/issuer-keys.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { createTenant } from '../support/auth-bench.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createRsaKey, keySetOf } from '../support/signed-tokens.ts';

const key = createRsaKey('k');

/** Keys that come from issuers, all of which answer but that of the tenant `down`, and that of `hanging` when the test says so. */
const createKeys = () => {
  const fetched: string[] = [];
  const hanging = Promise.withResolvers<Uint8Array>();
  const fetcher = {
    fetch: async (jwksUri: string) => {
      fetched.push(jwksUri);
      if (jwksUri.includes('down')) throw new Error('nobody answers');
      return jwksUri.includes('hanging') ? hanging.promise : keySetOf(key);
    },
  };
  const clock = createManualClock();
  const [logger, timers] = [createRecordedLog(), createManualTimers(clock)];
  const keys = createIssuerKeys({ fetcher, clock, logger });
  const fetchAll = (...tenants: readonly Tenant[]) => fetchIssuerKeys(registryOf(...tenants), keys, timers);
  return { fetched, hanging, keys, logger, timers, fetchAll };
};

const registryOf = (...tenants: readonly Tenant[]) => ({
  all: async () => tenants,
  byIssuer: async () => undefined,
  byId: async () => undefined,
});

test('a key is there afterwards without a fetch', async () => {
  const { fetched, keys, timers, fetchAll } = createKeys();
  const tenant = createTenant('a');
  await fetchAll(tenant);
  expect((await keys.find(tenant, 'k'))?.kid).toBe('k');
  expect(fetched).toEqual([tenant.jwksUri]);
  expect(timers.pending).toBe(0);
});

test('issuers of tenants that are not served here are left alone', async () => {
  const { fetched, fetchAll } = createKeys();
  const elsewhere: Tenant = { ...createTenant('far'), elsewhere: true };
  await fetchAll(createTenant('off', { enabled: false }), elsewhere, createTenant('a'));
  expect(fetched).toEqual([createTenant('a').jwksUri]);
});

test('of many tenants the first eight have their keys fetched', async () => {
  const { fetched, fetchAll } = createKeys();
  await fetchAll(...Array.from({ length: 20 }, (_, index) => createTenant(`t${index}`)));
  expect(fetched).toHaveLength(8);
});

test('an issuer that is down is an error, keeps no other from being asked, and is told of when a request needs it', async () => {
  const { keys, logger, fetched, fetchAll } = createKeys();
  const [down, well] = [createTenant('down'), createTenant('well')];
  await expect(fetchAll(down, well)).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  expect((await keys.find(well, 'k'))?.kid).toBe('k');
  expect(logger.entries).toEqual([]);
  await expect(keys.find(down, 'k')).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  expect(logger.of('ISSUER_UNAVAILABLE')).toMatchObject([{ tenant: 'down' }]);
  expect(fetched).toHaveLength(3);
});

test('T54: one issuer of three that hangs costs a start 300 ms; its fetch goes on, and the first requests share it', async () => {
  const { keys, logger, fetched, hanging, timers, fetchAll } = createKeys();
  const [slow, one, other] = [createTenant('hanging'), createTenant('one'), createTenant('other')];
  const started = fetchAll(slow, one, other).catch((error: unknown) => error);
  let isOver = false;
  started.then(() => {
    isOver = true;
  });
  await timers.pass(299);
  expect(isOver).toBe(false);
  await timers.pass(1);
  expect(await started).toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  for (const tenant of [one, other]) expect((await keys.find(tenant, 'k'))?.kid).toBe('k');
  const first = keys.find(slow, 'k');
  hanging.resolve(keySetOf(key));
  expect((await first)?.kid).toBe('k');
  expect([fetched.length, logger.entries]).toEqual([3, []]);
});

test('T54: a request that shares such a fetch is told that it failed, and so is the operator', async () => {
  const { keys, logger, hanging, timers, fetchAll } = createKeys();
  const slow = createTenant('hanging');
  const started = fetchAll(slow).catch(() => undefined);
  await timers.pass(300);
  await started;
  const first = keys.find(slow, 'k');
  hanging.reject(new Error('given up'));
  await expect(first).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  expect(logger.of('ISSUER_UNAVAILABLE')).toHaveLength(1);
});
