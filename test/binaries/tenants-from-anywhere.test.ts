import { expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { tenantsFromAnywhere } from '../../functions/binaries/tenants-from-anywhere.ts';
import { createCountedIds } from '../support/counted-ids.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const inventory = {
  async *tenants() {
    yield* names.map(restoreTenantId);
  },
};

test('every tenant comes once, in the same circle, and each of them first at times', async () => {
  const ids = createCountedIds();
  const firsts = new Set<string>();
  for (let run = 0; run < 100; run += 1) {
    const tenants = await tenantsFromAnywhere(inventory, ids);
    firsts.add(tenants[0] ?? '');
    expect(`${names.join('')}${names.join('')}`).toContain(tenants.join(''));
    expect(tenants).toHaveLength(names.length);
  }
  expect([...firsts].sort()).toEqual(names);
});

test('where nothing is stored there is none', async () => {
  expect(await tenantsFromAnywhere({ async *tenants() {} }, createCountedIds())).toEqual([]);
});
