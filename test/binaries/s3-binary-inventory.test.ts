import { DeleteObjectsCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { contentKey } from '../../functions/binaries/binary.ts';
import { createS3BinaryInventory } from '../../functions/binaries/s3-binary-inventory.ts';
import { collect } from '../support/collect.ts';
import { demoTenant, sampleBinaryId, sampleTime } from '../support/sample-job.ts';

const s3 = mockClient(S3Client);
const inventory = createS3BinaryInventory(new S3Client({ region: 'eu-north-1' }), 'bucket');
const window = { from: sampleTime, to: sampleTime + 1000 };
beforeEach(() => s3.reset());

test('a bucket that does not answer is an unavailable dependency', async () => {
  const down = new S3ServiceException({ name: 'SlowDown', $fault: 'server', $metadata: {}, message: 'x' });
  s3.on(ListObjectsV2Command).rejects(down);
  s3.on(DeleteObjectsCommand).rejects(down);
  const reason = { details: { reason: 'content-store SlowDown' } };
  await expect(collect(inventory.tenants())).rejects.toMatchObject(reason);
  await expect(collect(inventory.binaries(demoTenant, window))).rejects.toMatchObject(reason);
  await expect(inventory.remove(demoTenant, ['demo/Binary/x/1/a'])).rejects.toMatchObject(reason);
});

test('an object that S3 kept is not taken for removed', async () => {
  s3.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'a', Code: 'InternalError' }] });
  await expect(inventory.remove(demoTenant, ['demo/Binary/x/1/a'])).rejects.toMatchObject({
    details: { reason: 'content-store InternalError' },
  });
});

test("nothing outside the tenant's prefix is removed", async () => {
  const foreign = contentKey(demoTenant, sampleBinaryId(), 1, 'a').replace('demo', 'other');
  await expect(inventory.remove(demoTenant, [foreign])).rejects.toMatchObject({ code: 'GENERAL_INTERNAL_ERROR' });
  expect(s3.calls()).toEqual([]);
});

test('folders that are no tenant are passed over', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({
      CommonPrefixes: [{ Prefix: 'Not_A_Tenant/' }, { Prefix: 'demo/' }],
      IsTruncated: true,
      NextContinuationToken: 'next',
    })
    .resolvesOnce({ CommonPrefixes: [{ Prefix: 'other/' }], IsTruncated: false });
  expect(await collect(inventory.tenants())).toEqual(['demo', 'other']);
  expect(s3.commandCalls(ListObjectsV2Command)[1]?.args[0].input).toMatchObject({ ContinuationToken: 'next' });
});
