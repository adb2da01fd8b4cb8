import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { eraseHoldings, findHoldings, removeRecord, type TenantStores } from '../../local/erase-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';
import { sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';
import { tenantStoresOf } from '../support/tenant-stores.ts';

let running: Stores;
let stores: TenantStores;
beforeAll(async () => {
  running = await startStores();
  stores = tenantStoresOf(running);
});
afterAll(() => running.stop());

const fill = async (id: string) => {
  const tenantId = restoreTenantId(id);
  const { documents, s3, contentBucket, dataBucket, importsTable, tenantsTable, jobsTable } = stores;
  const jobs = createDynamoDbJobStore(documents, jobsTable);
  for (const last of ['1', '2']) await jobs.place(tenantId, sampleJob({ tenantId, binaryId: sampleBinaryId(last) }));
  const key = { key: 'k', digest: 'd', binaryId: 'b', jobId: 'j', created: sampleTime, expires: sampleTime + 1000 };
  await jobs.reserve(tenantId, key);
  await documents.send(new PutCommand({ TableName: importsTable, Item: { tenant: id } }));
  await documents.send(new PutCommand({ TableName: tenantsTable, Item: { ...tenantRecord(id), enabled: false } }));
  for (const name of ['Binary/a/2/x', 'Binary/b/2/y']) {
    await s3.send(new PutObjectCommand({ Bucket: contentBucket, Key: `${id}/${name}`, Body: 'x' }));
  }
  for (const name of ['manifest.json', 'a.ndjson', 'b.ndjson']) {
    await s3.send(new PutObjectCommand({ Bucket: dataBucket, Key: `${id}/${name}`, Body: 'x' }));
  }
};
const full = { jobItems: 3, imports: 1, contentObjects: 2, dataObjects: 3 };
const none = { jobItems: 0, imports: 0, contentObjects: 0, dataObjects: 0 };

test('everything of a tenant is found and erased, and nothing of one whose id begins alike', async () => {
  const [gone, stays] = [restoreTenantId('gone'), restoreTenantId('gone-2')];
  await fill('gone');
  await fill('gone-2');
  expect(await findHoldings(stores, gone)).toEqual(full);
  expect(await eraseHoldings(stores, gone)).toEqual(full);
  expect(await findHoldings(stores, gone)).toEqual(none);
  expect(await eraseHoldings(stores, gone)).toEqual(none);
  expect(await findHoldings(stores, stays)).toEqual(full);
  const { Items = [] } = await stores.documents.send(new ScanCommand({ TableName: stores.jobsTable }));
  expect(JSON.stringify(Items)).not.toContain('"gone#');
  const { Contents = [] } = await stores.s3.send(new ListObjectsV2Command({ Bucket: stores.dataBucket }));
  expect(Contents.filter(({ Key }) => Key?.startsWith('gone/'))).toEqual([]);
});

test('the record of a tenant goes only while it is disabled', async () => {
  const id = restoreTenantId('record');
  const put = (enabled?: boolean) => {
    const Item = { ...tenantRecord('record'), ...(enabled === undefined ? {} : { enabled }) };
    return stores.documents.send(new PutCommand({ TableName: stores.tenantsTable, Item }));
  };
  await put();
  expect(await removeRecord(stores, id)).toBe(false);
  await put(true);
  expect(await removeRecord(stores, id)).toBe(false);
  await put(false);
  expect(await removeRecord(stores, id)).toBe(true);
});
