import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createS3SummaryStore } from '../../functions/reports/s3-summary-store.ts';
import { writeSummary } from '../../functions/reports/summary-bytes.ts';
import { demoTenant } from '../support/sample-job.ts';

const s3 = mockClient(S3Client);
const store = createS3SummaryStore(new S3Client({ region: 'eu-north-1' }), 'bucket');
beforeEach(() => s3.reset());

const key = { report: 'PatientsUsageReport', fingerprint: 'f'.repeat(64) };
const Key = `demo/Summary/PatientsUsageReport/${key.fingerprint}`;
const summary = { entries: [], provenance: { patients: 1 }, episodes: 1 };
const never = new AbortController().signal;

const read = (signal = never) => store.read(demoTenant, key, signal);
const keep = (signal = never) => store.keep(demoTenant, key, summary, signal);
// The mock's types are of another version of the SDK.
const bodyOf = (bytes: Uint8Array, more: object = {}): object => ({
  Body: { transformToByteArray: async () => bytes },
  ContentLength: bytes.length,
  ...more,
});
const serviceError = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'server', $metadata: { httpStatusCode }, message: 'planted-secret' });
const thrownBy = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

const faults = [
  ['SlowDown', 503, 'GENERAL_DEPENDENCY_UNAVAILABLE'],
  ['AccessDenied', 403, 'DEPENDENCY_REFUSED'],
  ['KMS.DisabledException', 400, 'DEPENDENCY_REFUSED'],
  ['NoSuchBucket', 404, 'DEPENDENCY_REFUSED'],
] as const;

describe('read', () => {
  test("asks for the tenant's own object, named by report and fingerprint, with one request", async () => {
    s3.on(GetObjectCommand).resolves(bodyOf(writeSummary(key.fingerprint, summary)));
    expect(await read()).toEqual(summary);
    expect(s3.calls().map(({ args }) => args[0].input)).toEqual([{ Bucket: 'bucket', Key }]);
  });
  test('what is not there is missing', async () => {
    s3.on(GetObjectCommand).rejects(new NoSuchKey({ $metadata: {}, message: 'x' }));
    expect(await read()).toBe('missing');
  });
  test('what was not kept under this key is damaged', async () => {
    s3.on(GetObjectCommand).resolves(bodyOf(writeSummary('e'.repeat(64), summary)));
    expect(await read()).toBe('damaged');
  });
  test('what is larger than any summary is damaged, and not read', async () => {
    const body = new Readable({ read: () => expect.unreachable() });
    s3.on(GetObjectCommand).resolves(bodyOf(new Uint8Array(), { Body: body, ContentLength: 2 ** 25 + 1 }));
    expect(await read()).toBe('damaged');
    expect(body.destroyed).toBe(true);
  });
  test.each(faults)('%s (%i) is %s and tells nothing else (A37)', async (name, status, code) => {
    s3.on(GetObjectCommand).rejects(serviceError(name, status));
    const thrown = await thrownBy(read());
    expect(thrown).toMatchObject({ code, details: { reason: `summary-store ${name}` } });
    expect(JSON.stringify(thrown)).not.toContain('planted-secret');
  });
  test('a body that breaks off is a failure of the store, not a damaged summary', async () => {
    const broken = { transformToByteArray: () => Promise.reject(new Error('socket hang up')) };
    s3.on(GetObjectCommand).resolves(bodyOf(new Uint8Array(), { Body: broken }));
    expect(await thrownBy(read())).toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  });
});

describe('keep', () => {
  test('is create-only', async () => {
    s3.on(PutObjectCommand).resolves({});
    await keep();
    expect(s3.calls().map(({ args }) => args[0].input)).toEqual([
      {
        Bucket: 'bucket',
        Key,
        Body: writeSummary(key.fingerprint, summary),
        ContentType: 'application/octet-stream',
        IfNoneMatch: '*',
      },
    ]);
  });
  test.each([
    ['PreconditionFailed', 412],
    ['ConditionalRequestConflict', 409],
  ])('%s: somebody else keeps the same', async (name, status) => {
    s3.on(PutObjectCommand).rejects(serviceError(name, status));
    await expect(keep()).resolves.toBeUndefined();
    expect(s3.calls()).toHaveLength(1);
  });
  test.each(faults)('%s (%i) is %s and tells nothing else (A37)', async (name, status, code) => {
    s3.on(PutObjectCommand).rejects(serviceError(name, status));
    const thrown = await thrownBy(keep());
    expect(thrown).toMatchObject({ code, details: { reason: `summary-store ${name}` } });
    expect(JSON.stringify(thrown)).not.toContain('planted-secret');
  });
});

test('whoever is aborted throws the reason', async () => {
  const reason = new Error('lease lost');
  s3.on(GetObjectCommand).rejects(new Error('aborted'));
  s3.on(PutObjectCommand).rejects(new Error('aborted'));
  expect(await thrownBy(read(AbortSignal.abort(reason)))).toBe(reason);
  expect(await thrownBy(keep(AbortSignal.abort(reason)))).toBe(reason);
});
