import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  readTenantRecords,
  switchTenant,
  type TenantRecord,
  type TenantTable,
  writeTenantRecord,
} from '../../local/tenant-records.ts';
import { tenantRecord } from '../support/auth-bench.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let table: TenantTable;
beforeAll(async () => {
  stores = await startStores();
  table = { documents: stores.documents, name: stores.ref('TenantsTable') };
});
afterAll(() => stores.stop());

const recordOf = async (id: string): Promise<TenantRecord | undefined> =>
  (await readTenantRecords(table)).find((record) => record['id'] === id);

test('a record is written once: the second writer who thinks that there is none loses', async () => {
  const record = tenantRecord('once', { operations: { fetch: false } });
  expect(await writeTenantRecord(table, record, undefined)).toBe('written');
  expect(await writeTenantRecord(table, { ...record, baseline: 1 }, undefined)).toBe('conflict');
  expect(await recordOf('once')).toEqual({ ...record, revision: 1 });
});

test('a record is replaced only where it is still what the writer has seen', async () => {
  await writeTenantRecord(table, tenantRecord('twice'), undefined);
  const seen = await recordOf('twice');
  expect(await writeTenantRecord(table, tenantRecord('twice', { baseline: 1 }), seen)).toBe('written');
  expect(await writeTenantRecord(table, tenantRecord('twice', { baseline: 2 }), seen)).toBe('conflict');
  expect(await recordOf('twice')).toMatchObject({ baseline: 1, revision: 2 });
});

test('a record of another writer, without a revision and with string sets, is read and replaced too', async () => {
  const Item = { ...tenantRecord('foreign'), audience: new Set(['EHealth']) };
  await stores.documents.send(new PutCommand({ TableName: table.name, Item }));
  const seen = await recordOf('foreign');
  expect(seen).toEqual(tenantRecord('foreign'));
  expect(await writeTenantRecord(table, tenantRecord('foreign'), seen)).toBe('written');
  expect(await writeTenantRecord(table, tenantRecord('foreign'), seen)).toBe('conflict');
});

test('a tenant is switched off and on again, and nothing else in its record changes', async () => {
  const record = tenantRecord('switch', { note: 'kept' });
  await writeTenantRecord(table, record, undefined);
  expect(await switchTenant(table, 'switch', true)).toBe('conflict');
  expect(await switchTenant(table, 'switch', false)).toBe('written');
  expect(await switchTenant(table, 'switch', false)).toBe('conflict');
  expect(await recordOf('switch')).toEqual({ ...record, enabled: false, revision: 2 });
  expect(await switchTenant(table, 'switch', true)).toBe('written');
  expect(await recordOf('switch')).toEqual({ ...record, enabled: true, revision: 3 });
});

test('switching makes no record of a tenant that is not there', async () => {
  expect([await switchTenant(table, 'nobody', false), await switchTenant(table, 'nobody', true)]).toEqual([
    'conflict',
    'conflict',
  ]);
  expect(await recordOf('nobody')).toBeUndefined();
});
