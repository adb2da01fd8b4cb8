import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentKey } from '../../functions/binaries/binary.ts';
import type { BinaryContent } from '../../functions/binaries/binary-content.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let content: BinaryContent;
beforeAll(async () => {
  stores = await startStores();
  content = createS3BinaryContent(stores.s3, stores.ref('ContentBucket'));
});
afterAll(() => stores.stop());

test('bytes of any value come back as they were stored', async () => {
  const key = contentKey(demoTenant, sampleBinaryId(), 1, 'a');
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
  await content.put(demoTenant, { key, contentType: 'application/gzip-json', bytes }, new AbortController().signal);
  expect(Buffer.compare(await content.get(demoTenant, key), bytes)).toBe(0);
});

test('a key under which nothing is stored is a fault of the service', async () => {
  const key = contentKey(demoTenant, sampleBinaryId(), 1, 'never');
  await expect(content.get(demoTenant, key)).rejects.toMatchObject({
    code: 'GENERAL_INTERNAL_ERROR',
    details: { reason: 'content-missing' },
  });
});
