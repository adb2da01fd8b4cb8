import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import { contentKey } from '../../functions/binaries/binary.ts';
import type { BinaryInventory, StoredBinary } from '../../functions/binaries/binary-inventory.ts';
import { createS3BinaryInventory } from '../../functions/binaries/s3-binary-inventory.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { collect } from '../support/collect.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

const hour = 60 * 60_000;
const window = { from: sampleTime, to: sampleTime + hour };
const other = restoreTenantId('demo-2');

let stores: Stores;
let inventory: BinaryInventory;
beforeAll(async () => {
  stores = await startStores();
  inventory = createS3BinaryInventory(stores.s3, stores.ref('ContentBucket'));
});
afterAll(() => stores.stop());

const put = async (Key: string) => {
  await stores.s3.send(new PutObjectCommand({ Bucket: stores.ref('ContentBucket'), Key, Body: 'x' }));
  return Key;
};
const list = async (tenantId: TenantId): Promise<readonly StoredBinary[]> =>
  collect(inventory.binaries(tenantId, window));

test('A2: what was ordered in a window of time is listed by Binary, over all pages, and what is removed is gone', async () => {
  const [early, first, second, late] = [-1, 0, hour - 1, hour].map((after) =>
    randomIds.sortableUuid(sampleTime + after),
  ) as [string, string, string, string];
  for (const id of [early, late]) await put(contentKey(demoTenant, id, 1, 'outside'));
  await put('demo/Binary/not-an-id/1/a');
  const own = [await put(contentKey(demoTenant, first, 1, 'a'))];
  const attempts = Array.from({ length: 1005 }, (_, n) => contentKey(demoTenant, second, 2, `attempt-${n}`));
  for (let at = 0; at < attempts.length; at += 50) await Promise.all(attempts.slice(at, at + 50).map(put));
  await put(contentKey(other, first, 1, 'a'));

  expect(await collect(inventory.tenants())).toEqual(['demo-2', 'demo']);
  expect(await list(demoTenant)).toEqual([
    { binaryId: first, keys: own, sizes: [1] },
    { binaryId: second, keys: attempts.toSorted(), sizes: attempts.map(() => 1) },
  ]);

  await inventory.remove(demoTenant, attempts);
  await inventory.remove(demoTenant, attempts.slice(0, 1));
  expect(await list(demoTenant)).toEqual([{ binaryId: first, keys: own, sizes: [1] }]);
  expect(await list(other)).toHaveLength(1);
});
