import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentKey } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

const keys = async (): Promise<readonly (string | undefined)[]> => {
  const { Contents = [] } = await stores.s3.send(new ListObjectsV2Command({ Bucket: stores.ref('ContentBucket') }));
  return Contents.map(({ Key }) => Key);
};

test('all bytes of a Binary are gone, also of more attempts than one page lists, and nobody else loses any (I12)', async () => {
  const Bucket = stores.ref('ContentBucket');
  const put = (Key: string) => stores.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const others = [contentKey(demoTenant, sampleBinaryId('2'), 1, 'a'), `demo-2/Binary/${sampleBinaryId()}/1/a`];
  for (const key of others) await put(key);
  const own = Array.from({ length: 1005 }, (_, n) => contentKey(demoTenant, sampleBinaryId(), 2, `attempt-${n}`));
  for (let at = 0; at < own.length; at += 50) await Promise.all(own.slice(at, at + 50).map(put));
  const eraser = createS3BinaryEraser(stores.s3, Bucket);
  await eraser.eraseAll(demoTenant, sampleBinaryId());
  expect([...(await keys())].sort()).toEqual([...others].sort());
  await eraser.eraseAll(demoTenant, sampleBinaryId());
});

test('a link gives the bytes with the wanted headers to who has nothing but it', async () => {
  const content = createS3BinaryContent(stores.s3, stores.ref('ContentBucket'));
  const key = contentKey(demoTenant, sampleBinaryId('3'), 2, 'a');
  const stored = { key, contentType: 'application/gzip-json', bytes: new Uint8Array([1, 2, 3]) };
  await content.put(demoTenant, stored, new AbortController().signal);
  const contentDisposition = 'attachment; filename="x.zip"';
  const link = await content.link(demoTenant, key, { contentType: 'application/gzip-json', contentDisposition });
  const response = await fetch(link);
  expect([response.status, new Uint8Array(await response.arrayBuffer())]).toEqual([200, new Uint8Array([1, 2, 3])]);
  const query = new URL(link).searchParams;
  expect([query.get('X-Amz-Expires'), query.get('response-content-disposition')]).toEqual(['60', contentDisposition]);
});
