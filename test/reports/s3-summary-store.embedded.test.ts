import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import { createS3BinaryInventory } from '../../functions/binaries/s3-binary-inventory.ts';
import { createS3SummaryStore } from '../../functions/reports/s3-summary-store.ts';
import type { SummaryStore } from '../../functions/reports/summary-store.ts';
import { collect } from '../support/collect.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let bucket: string;
let summaries: SummaryStore;
beforeAll(async () => {
  stores = await startStores();
  bucket = stores.ref('ContentBucket');
  summaries = createS3SummaryStore(stores.s3, bucket);
});
afterAll(() => stores.stop());

const { signal } = new AbortController();
const keyOf = (digit: string) => ({ report: 'PatientsUsageReport', fingerprint: digit.repeat(64) });
const summary = {
  entries: [{ path: 'PatientsUsageSummary/PatientsUsageSummary', content: { PatientsUsageSummary: { yearData: [] } } }],
  provenance: { files: Array.from({ length: 5000 }, (_, at) => ({ name: `æ ${at}.ndjson`, sha256: 'a'.repeat(64) })) },
  episodes: 5000,
};
const keep = (digit: string) => summaries.keep(demoTenant, keyOf(digit), summary, signal);
const storedKeys = async () => {
  const { Contents = [] } = await stores.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key);
};

test('a summary comes back as it was kept, also one with thousands of files', async () => {
  expect(await summaries.read(demoTenant, keyOf('a'), signal)).toBe('missing');
  await keep('a');
  expect(await summaries.read(demoTenant, keyOf('a'), signal)).toEqual(summary);
  expect(await storedKeys()).toEqual([`demo/Summary/PatientsUsageReport/${'a'.repeat(64)}`]);
});

test("another tenant's, report's or fingerprint's is missing", async () => {
  await keep('b');
  expect(await summaries.read(restoreTenantId('other'), keyOf('b'), signal)).toBe('missing');
  expect(await summaries.read(demoTenant, { ...keyOf('b'), report: 'AnotherReport' }, signal)).toBe('missing');
  expect(await summaries.read(demoTenant, keyOf('c'), signal)).toBe('missing');
});

test('what was damaged is found damaged', async () => {
  await keep('d');
  const Key = `demo/Summary/PatientsUsageReport/${'d'.repeat(64)}`;
  await stores.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from('summary 1') }));
  expect(await summaries.read(demoTenant, keyOf('d'), signal)).toBe('damaged');
});

test('who erases a Binary and who cleans up see no summaries: both look below Binary/ alone', async () => {
  await keep('e');
  const before = await storedKeys();
  await createS3BinaryEraser(stores.s3, bucket).eraseAll(demoTenant, sampleBinaryId());
  const inventory = createS3BinaryInventory(stores.s3, bucket);
  const always = { from: 0, to: Date.UTC(2100, 0) };
  expect(await collect(inventory.binaries(demoTenant, always))).toEqual([]);
  const [key = ''] = before;
  await expect(inventory.remove(demoTenant, [key])).rejects.toMatchObject({ code: 'GENERAL_INTERNAL_ERROR' });
  expect(await storedKeys()).toEqual(before);
});
