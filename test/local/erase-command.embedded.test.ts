import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { eraseTenant } from '../../local/erase-command.ts';
import { findHoldings, type TenantStores } from '../../local/erase-tenant.ts';
import { findTenantRecord } from '../../local/require-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';
import { type Stores, startStores } from '../support/start-stores.ts';
import { tenantStoresOf } from '../support/tenant-stores.ts';

const region = 'eu-north-1';
const tenant = restoreTenantId('gone');

let running: Stores;
let stores: TenantStores;
let log: MockInstance<typeof console.log>;
beforeAll(async () => {
  running = await startStores();
  stores = tenantStoresOf(running);
});
afterAll(() => running.stop());
beforeEach(async () => {
  log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { documents, s3, jobsTable, dataBucket } = stores;
  await documents.send(new PutCommand({ TableName: jobsTable, Item: { pk: `${tenant}#a`, owner: `${tenant}#u` } }));
  await s3.send(new PutObjectCommand({ Bucket: dataBucket, Key: `${tenant}/manifest.json`, Body: '{}' }));
});
afterEach(() => {
  log.mockRestore();
});

const putRecord = (members: object) =>
  stores.documents.send(
    new PutCommand({ TableName: stores.tenantsTable, Item: { ...tenantRecord(tenant), ...members } }),
  );
const readRecord = async () =>
  (await stores.documents.send(new GetCommand({ TableName: stores.tenantsTable, Key: { id: tenant } }))).Item;

/** One call of the command, and what it tells. */
const erase = async (apply: boolean): Promise<string> => {
  log.mockClear();
  const seen = await findTenantRecord({ ...stores, name: stores.tenantsTable }, tenant);
  await eraseTenant(stores, tenant, seen, { region, arguments: ' --stage prod --region eu-north-1' }, apply);
  return log.mock.calls.map(([line]) => line).join('\n');
};
const left = async (): Promise<number> => {
  const { jobItems, dataObjects } = await findHoldings(stores, tenant);
  return jobItems + dataObjects;
};

test('what is stored under an id without a record, such as what a restore brought back, is erased', async () => {
  expect(await erase(false)).toMatch(/^To be erased: 1 items of jobs, .* 1 of data sets .*there is no record of it\./);
  expect(await left()).toBe(2);
  expect(await erase(true)).toMatch(/^Erased: 1 items of jobs, .*\nDo it once more in 20 minutes: [^,]*\.$/);
  expect(await left()).toBe(0);
  await expect(erase(true)).rejects.toThrow('There is no tenant gone, and nothing is stored under that id.');
});

test('what a tenant that has moved has left is erased, and its record goes on sending its users away', async () => {
  const moved = { region: 'eu-west-1', regionBaseUrl: 'https://west.example/fhir' };
  await putRecord(moved);
  expect(await erase(true)).toMatch(/^Erased: 1 items of jobs/);
  expect(await erase(true)).toMatch(
    /its record stays.*\n.*: npm run redrive -- --discard-of gone --stage prod --region eu-north-1 --apply$/,
  );
  expect([await left(), await readRecord()]).toEqual([0, expect.objectContaining(moved)]);
  await putRecord({ ...moved, enabled: false });
  expect(await erase(true)).toContain('its record was removed too');
  expect(await readRecord()).toBeUndefined();
});

test('a tenant that is served here is erased only when it is disabled, its record last', async () => {
  await putRecord({ region });
  const first = 'gone is enabled. First: npm run tenant -- disable gone --stage prod --region eu-north-1';
  await expect(erase(true)).rejects.toThrow(first);
  expect(await left()).toBe(2);
  await putRecord({ region, enabled: false });
  expect(await erase(true)).toMatch(/\n.*in 20 minutes: .*and the record with it\.$/);
  expect(await readRecord()).toBeDefined();
  expect(await erase(true)).toContain('its record was removed too');
  expect([await left(), await readRecord()]).toEqual([0, undefined]);
});
