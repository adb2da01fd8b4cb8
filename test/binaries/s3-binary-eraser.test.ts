import { DeleteObjectsCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const s3 = mockClient(S3Client);
const eraser = createS3BinaryEraser(new S3Client({ region: 'eu-north-1' }), 'bucket');
beforeEach(() => s3.reset());

test('an object that S3 could not delete is not taken for erased', async () => {
  s3.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'a' }] });
  s3.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'a', Code: 'InternalError', Message: 'planted-secret' }] });
  const thrown = await eraser.eraseAll(demoTenant, sampleBinaryId()).catch((error: unknown) => error);
  expect(thrown).toMatchObject({
    code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    details: { reason: 'content-store InternalError' },
  });
  expect(JSON.stringify(thrown)).not.toContain('planted-secret');
});

test('a bucket that does not answer is an unavailable dependency', async () => {
  const down = new S3ServiceException({ name: 'SlowDown', $fault: 'server', $metadata: {}, message: 'x' });
  s3.on(ListObjectsV2Command).rejects(down);
  await expect(eraser.eraseAll(demoTenant, sampleBinaryId())).rejects.toMatchObject({
    details: { reason: 'content-store SlowDown' },
  });
});
