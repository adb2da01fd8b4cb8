import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { demoTenant } from '../support/sample-job.ts';

const s3 = mockClient(S3Client);
const store = createS3BinaryContent(
  new S3Client({ region: 'eu-north-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }),
  'bucket',
);
beforeEach(() => s3.reset());

const never = new AbortController().signal;
const key = 'demo/Binary/id/1/job';
const content = { key, contentType: 'text/plain', bytes: new Uint8Array([1]) };
const serviceError = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'server', $metadata: { httpStatusCode }, message: 'planted-secret' });
const thrownBy = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('put', () => {
  test('is create-only', async () => {
    s3.on(PutObjectCommand).resolves({});
    await store.put(demoTenant, content, never);
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'bucket',
      Key: key,
      Body: content.bytes,
      ContentType: 'text/plain',
      IfNoneMatch: '*',
    });
  });
  test('bytes that are there already are its own: a key belongs to one attempt', async () => {
    s3.on(PutObjectCommand).rejects(serviceError('PreconditionFailed', 412));
    await expect(store.put(demoTenant, content, never)).resolves.toBeUndefined();
  });
  test('a write that met another one is tried again (409), and not for ever', async () => {
    s3.on(PutObjectCommand).rejectsOnce(serviceError('ConditionalRequestConflict', 409)).resolves({});
    await expect(store.put(demoTenant, content, never)).resolves.toBeUndefined();
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(2);
    s3.reset();
    s3.on(PutObjectCommand).rejects(serviceError('ConditionalRequestConflict', 409));
    expect(await thrownBy(store.put(demoTenant, content, never))).toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    });
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(4);
  });
  test('nor once its attempt is over: what is left to do of it is not done (I12)', async () => {
    const attempt = new AbortController();
    const over = new Error('the attempt is over');
    s3.on(PutObjectCommand).callsFake(() => {
      attempt.abort(over);
      throw serviceError('ConditionalRequestConflict', 409);
    });
    await expect(store.put(demoTenant, content, attempt.signal)).rejects.toBe(over);
    await expect(store.put(demoTenant, content, attempt.signal)).rejects.toBe(over);
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(1);
  });
  test.each([
    ['SlowDown', 503, 'GENERAL_DEPENDENCY_UNAVAILABLE'],
    ['AccessDenied', 403, 'DEPENDENCY_REFUSED'],
    ['KMS.DisabledException', 400, 'DEPENDENCY_REFUSED'],
    ['EntityTooLarge', 400, 'DEPENDENCY_MISUSED'],
    ['ConditionalRequestConflict', 409, 'GENERAL_DEPENDENCY_UNAVAILABLE'],
  ])('%s (%i) is %s and tells nothing else (A37)', async (name, status, code) => {
    s3.on(PutObjectCommand).rejects(serviceError(name, status));
    const thrown = await thrownBy(store.put(demoTenant, content, never));
    expect(thrown).toMatchObject({ code, details: { reason: `content-store ${name}` } });
    expect(JSON.stringify(thrown)).not.toContain('planted-secret');
  });
});

describe('get', () => {
  test('bytes that a record names and that are not there are a fault of the service, not a 404 (I3)', async () => {
    s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: {}, message: 'x' }));
    expect(await thrownBy(store.get(demoTenant, key))).toMatchObject({
      code: 'GENERAL_INTERNAL_ERROR',
      details: { reason: 'content-missing' },
    });
  });
  test('a refused read is for an operator, not a 404', async () => {
    s3.on(GetObjectCommand).rejects(serviceError('AccessDenied', 403));
    expect(await thrownBy(store.get(demoTenant, key))).toMatchObject({ code: 'DEPENDENCY_REFUSED' });
  });
});

describe('a link', () => {
  const headers = { contentType: 'text/plain', contentDisposition: 'attachment' };
  test('is given for bytes that are there', async () => {
    s3.on(HeadObjectCommand).resolves({});
    expect(await store.link(demoTenant, key, headers)).toContain(key);
    expect(s3.commandCalls(HeadObjectCommand)[0]?.args[0].input).toEqual({ Bucket: 'bucket', Key: key });
  });
  test('to bytes that a record names and that are not there is a fault of the service (I3)', async () => {
    s3.on(HeadObjectCommand).rejects(serviceError('NotFound', 404));
    expect(await thrownBy(store.link(demoTenant, key, headers))).toMatchObject({
      code: 'GENERAL_INTERNAL_ERROR',
      details: { reason: 'content-missing' },
    });
  });
  test('is not given where S3 does not answer or refuses', async () => {
    s3.on(HeadObjectCommand).rejects(serviceError('SlowDown', 503));
    expect(await thrownBy(store.link(demoTenant, key, headers))).toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    });
    s3.on(HeadObjectCommand).rejects(serviceError('AccessDenied', 403));
    expect(await thrownBy(store.link(demoTenant, key, headers))).toMatchObject({ code: 'DEPENDENCY_REFUSED' });
  });
});

test("a key outside of the tenant's prefix is refused without a call", async () => {
  for (const foreign of ['other/Binary/id/1/job', 'demo-2/Binary/id/1/job', 'demo/manifest.json']) {
    expect(await thrownBy(store.get(demoTenant, foreign))).toMatchObject({ code: 'GENERAL_INTERNAL_ERROR' });
    expect(await thrownBy(store.put(demoTenant, { ...content, key: foreign }, never))).toMatchObject({
      code: 'GENERAL_INTERNAL_ERROR',
    });
  }
  expect(s3.calls()).toHaveLength(0);
});
