import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createS3DataSetFiles } from '../../functions/imports/s3-data-set-files.ts';
import { demoTenant } from '../support/sample-job.ts';

const client = mockClient(S3Client);
const files = createS3DataSetFiles(new S3Client({ region: 'eu-north-1' }), 'data');
beforeEach(() => client.reset());

const fault = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'planted-secret' });

describe('a manifest is made current', () => {
  test('only in place of the one that was seen', async () => {
    client.on(PutObjectCommand).resolves({});
    await files.publish(demoTenant, '{}', { etag: '"1"', text: '', modified: 0 });
    await files.publish(demoTenant, '{}', undefined);
    const conditions = client
      .commandCalls(PutObjectCommand)
      .map(({ args }) => [args[0].input.IfMatch, args[0].input.IfNoneMatch]);
    expect(conditions).toEqual([
      ['"1"', undefined],
      [undefined, '*'],
    ]);
  });

  test.each([
    ['PreconditionFailed', 412],
    ['ConditionalRequestConflict', 409],
  ])('and not where another is there: %s', async (name, status) => {
    client.on(PutObjectCommand).rejects(fault(name, status));
    expect(await files.publish(demoTenant, '{}', undefined)).toBe(false);
  });
});

test('a bucket that does not answer, or refuses, is told as such and without its message', async () => {
  client.onAnyCommand().rejects(fault('AccessDenied', 403));
  const told = { code: 'DEPENDENCY_REFUSED', details: { reason: 'data-set-store AccessDenied' } };
  await expect(files.put(demoTenant, 'x', Buffer.alloc(0), '')).rejects.toMatchObject(told);
  await expect(files.get(demoTenant, 'x')).rejects.toMatchObject(told);
  await expect(files.publish(demoTenant, '', undefined)).rejects.toMatchObject(told);
  await expect(files.listImports(demoTenant)).rejects.toMatchObject(told);
  await expect(files.removeImport(demoTenant, 'a', new Set())).rejects.toMatchObject(told);
});

test('what S3 did not remove is an error', async () => {
  client.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'demo/imports/a/1' }] });
  client.on(DeleteObjectsCommand).resolves({ Errors: [{ Code: 'InternalError' }] });
  await expect(files.removeImport(demoTenant, 'a', new Set())).rejects.toMatchObject({
    details: { reason: 'data-set-store InternalError' },
  });
});

test('nothing is removed without the name of an import', async () => {
  await expect(files.removeImport(demoTenant, '', new Set())).rejects.toThrow(TypeError);
  expect(client.calls()).toHaveLength(0);
});

test('a manifest tells when it was put there; where S3 does not, it is there since ever', async () => {
  client
    .on(GetObjectCommand)
    .resolvesOnce({ LastModified: new Date(7000) })
    .resolves({});
  expect(await files.readManifest(demoTenant)).toEqual({ etag: '', text: '', modified: 7000 });
  expect((await files.readManifest(demoTenant))?.modified).toBe(0);
});

test('a file without a body is empty', async () => {
  client.on(GetObjectCommand).resolves({});
  expect(await files.get(demoTenant, 'x')).toBe('');
});
