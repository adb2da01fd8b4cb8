import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import type { ErrorCode } from '../../functions/platform/service-error.ts';
import { serviceError } from '../support/service-error.ts';

const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());

const never = new AbortController().signal;
const tenant = restoreTenantId('demo');
const written = new Date('2026-04-16T09:00:00Z');
const manifestKey = { Key: 'demo/manifest.json' };
const fileKey = { Key: 'demo/a.ndjson' };

const open = (limits = defaultLimits) =>
  createS3DataSetSource(new S3Client({ region: 'eu-north-1' }), 'the-bucket', limits).openCurrent(tenant, never);

const manifestWith = (output: object): string =>
  JSON.stringify({ transactionTime: '2026-04-16T08:00:00Z', output: [{ type: 'EpisodeOfCare', ...output }] });

// The mock's types are of another version of the SDK; the body is a stream, as from the real client.
const answer = (content: string, more: object = {}): object => ({
  ETag: '"e"',
  ContentLength: content.length,
  LastModified: written,
  Body: Readable.from([Buffer.from(content)]),
  ...more,
});

const refusal = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, message: 'secret', $fault: 'server', $metadata: { httpStatusCode } });
const notFound = () => new NotFound({ message: 'secret', $metadata: { httpStatusCode: 404 } });
const noSuchKey = () => new NoSuchKey({ message: 'secret', $metadata: { httpStatusCode: 404 } });

const manifest = manifestWith({ url: 'a.ndjson', count: 1, extension: { bytes: 4 } });
const giveManifest = (content = manifest, more: object = {}) => {
  s3.on(HeadObjectCommand, manifestKey).callsFake(() => answer(content, more));
  s3.on(GetObjectCommand, manifestKey).callsFake(() => answer(content, more));
};
const giveFile = (more: object = {}) => {
  s3.on(HeadObjectCommand, fileKey).callsFake(() => answer('one\n', { ETag: '"f"', ...more }));
  s3.on(GetObjectCommand, fileKey).callsFake(() => answer('one\n', { ETag: '"f"', ...more }));
};

const readFile = async (): Promise<string> => {
  const { files } = await open();
  const chunks: Uint8Array[] = [];
  for await (const chunk of files[0]?.read(never) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const outOfOrder = (reason: string, code: ErrorCode = 'GENERAL_DEPENDENCY_UNAVAILABLE') => ({
  code,
  details: { reason: `data-set-store ${reason}` },
});

test('A40: files are pinned when the data set is opened and read as that version', async () => {
  giveManifest();
  giveFile();
  expect(await readFile()).toBe('one\n');
  const inputs = s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input);
  expect(inputs).toEqual([
    { Bucket: 'the-bucket', ...manifestKey, IfMatch: '"e"' },
    { Bucket: 'the-bucket', ...fileKey, IfMatch: '"f"' },
  ]);
});

test('whoever opens a data set is told what its manifest names before any file is looked at, and can refuse', async () => {
  giveManifest();
  const source = createS3DataSetSource(new S3Client({ region: 'eu-north-1' }), 'the-bucket');
  const refuse = (named: object) => {
    throw new TypeError(JSON.stringify(named));
  };
  await expect(source.openCurrent(tenant, never, refuse)).rejects.toThrow('[{"name":"a.ndjson","count":1,"bytes":4}]');
  const asked = s3.calls().map(({ args }) => [args[0].constructor.name, (args[0].input as { Key: string }).Key]);
  expect(asked).toEqual([
    ['HeadObjectCommand', manifestKey.Key],
    ['GetObjectCommand', manifestKey.Key],
  ]);
});

test('the marks of manifest and files are their ETags', async () => {
  giveManifest();
  giveFile();
  expect(await open()).toMatchObject({ version: '"e"', files: [{ version: '"f"' }] });
});

describe('the manifest', () => {
  test('that is not there is a missing data set', async () => {
    s3.on(HeadObjectCommand).rejects(notFound());
    s3.on(GetObjectCommand).rejects(noSuchKey());
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_MISSING', 'manifest.json is not there'));
  });

  test('that is replaced between two requests is a changed data set', async () => {
    giveManifest();
    s3.on(GetObjectCommand, manifestKey).rejects(refusal('PreconditionFailed', 412));
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_CHANGED'));
  });

  test('that is too large is not read', async () => {
    giveManifest(manifest, { ContentLength: defaultLimits.manifestBytes + 1 });
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_TOO_LARGE', /^manifest\.json: /));
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(0);
  });

  test('that cannot be read is malformed', async () => {
    giveManifest('{"output":[]}');
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_MALFORMED', /^manifest\.json: transactionTime/));
  });
});

describe('a file', () => {
  test('newer than the manifest belongs to a data set that is still being written', async () => {
    giveManifest();
    giveFile({ LastModified: new Date(written.getTime() + 1000) });
    await expect(open()).rejects.toEqual(
      serviceError('DATA_SET_CHANGED', 'a.ndjson: newer than the manifest, which comes last'),
    );
    giveFile({ LastModified: written });
    await expect(open()).resolves.toBeDefined();
  });

  test('of another size than the manifest gives is incomplete', async () => {
    giveManifest();
    giveFile({ ContentLength: 3 });
    await expect(open()).rejects.toEqual(
      serviceError('DATA_SET_INCOMPLETE', 'a.ndjson: 3 bytes are stored, while the manifest gives 4'),
    );
  });

  test('that is gone under an unchanged manifest is lost, under another one replaced', async () => {
    giveManifest();
    s3.on(HeadObjectCommand, fileKey).rejects(notFound());
    s3.on(GetObjectCommand, fileKey).rejects(noSuchKey());
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_INCOMPLETE', /^a\.ndjson: /));
    let looks = 0;
    s3.on(HeadObjectCommand, manifestKey).callsFake(() => answer(manifest, { ETag: looks++ === 0 ? '"e"' : '"new"' }));
    await expect(open()).rejects.toEqual(serviceError('DATA_SET_CHANGED', /^manifest\.json: /));
  });

  test('A40: replaced while it is read is a changed data set', async () => {
    giveManifest();
    giveFile();
    s3.on(GetObjectCommand, fileKey).rejects(refusal('PreconditionFailed', 412));
    await expect(readFile()).rejects.toEqual(serviceError('DATA_SET_CHANGED', /^a\.ndjson: /));
  });

  test('A39: that comes damaged to its last byte is worth another attempt', async () => {
    giveManifest();
    giveFile();
    const damaged = async function* () {
      yield Buffer.from('one\n');
      throw new Error('Checksum mismatch');
    };
    s3.on(GetObjectCommand, fileKey).callsFake(() => answer('one\n', { Body: Readable.from(damaged()) }));
    await expect(readFile()).rejects.toMatchObject(outOfOrder('damaged on the way'));
  });

  test('that stops coming is let go of when the run is aborted', async () => {
    giveManifest();
    giveFile();
    s3.on(GetObjectCommand, fileKey).callsFake(() =>
      answer('one\n', { Body: new Readable({ read: () => undefined }) }),
    );
    const { files } = await open();
    const abort = new AbortController();
    const reason = new Error('lease lost');
    const reading = files[0]?.read(abort.signal)[Symbol.asyncIterator]().next();
    setImmediate(() => abort.abort(reason));
    await expect(reading).rejects.toBe(reason);
  });

  test('is not taken up by a store that gives all of it again instead of the rest', async () => {
    giveManifest();
    giveFile();
    s3.on(GetObjectCommand, fileKey).callsFake(() => answer('one\n', { Body: Readable.from([Buffer.from('on')]) }));
    await expect(readFile()).rejects.toMatchObject(outOfOrder('range ignored'));
  });
});

describe('a store out of order is never a missing data set', () => {
  test.each<[string, Error, string, ErrorCode?]>([
    ['no access', refusal('AccessDenied', 403), 'AccessDenied', 'DEPENDENCY_REFUSED'],
    ['no access, told by HEAD', refusal('Forbidden', 403), 'Forbidden', 'DEPENDENCY_REFUSED'],
    ['too many requests', refusal('SlowDown', 503), 'SlowDown'],
    ['a fault inside', refusal('InternalError', 500), 'InternalError'],
    ['no such bucket', refusal('NoSuchBucket', 404), 'NoSuchBucket', 'DEPENDENCY_REFUSED'],
    ['a connection that was reset', new Error('ECONNRESET secret'), 'connection'],
  ])('%s', async (_, error, reason, code) => {
    for (const key of [manifestKey, fileKey]) {
      s3.reset();
      giveManifest();
      giveFile();
      s3.on(HeadObjectCommand, key).rejects(error);
      const failed = await open().catch((caught: unknown) => caught);
      expect(failed).toMatchObject(outOfOrder(reason, code));
      expect(JSON.stringify(failed)).not.toMatch(/secret|the-bucket/);
    }
    s3.reset();
    giveManifest();
    giveFile();
    s3.on(GetObjectCommand, fileKey).rejects(error);
    await expect(readFile()).rejects.toMatchObject(outOfOrder(reason, code));
  });

  test('an answer that lacks what pins a version', async () => {
    giveManifest(manifest, { ETag: undefined });
    await expect(open()).rejects.toMatchObject(outOfOrder('incomplete answer'));
  });
});

describe('many files', () => {
  const names = Array.from({ length: 200 }, (_, at) => `f${at}`);
  const output = names.map((url) => ({ type: 'EpisodeOfCare', url }));
  const many = JSON.stringify({ transactionTime: '2026-04-16T08:00:00Z', output });

  test('are pinned a few at a time, and no more once one has failed', async () => {
    giveManifest(many);
    let [underWay, most, asked] = [0, 0, 0];
    s3.on(HeadObjectCommand).callsFake(async ({ Key }: { Key: string }) => {
      if (Key === manifestKey.Key) return answer(many);
      asked += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      if (Key === 'demo/f20') throw refusal('SlowDown', 503);
      return answer('x');
    });
    await expect(open()).rejects.toMatchObject(outOfOrder('SlowDown'));
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(most).toBeLessThanOrEqual(16);
    expect(asked).toBeLessThan(60);
  });

  test('that are too large together are not read', async () => {
    giveManifest(many);
    s3.on(HeadObjectCommand).callsFake(({ Key }: { Key: string }) => answer(Key === manifestKey.Key ? many : 'x'));
    await expect(open({ ...defaultLimits, plainBytes: 200 })).resolves.toBeDefined();
    await expect(open({ ...defaultLimits, plainBytes: 199 })).rejects.toEqual(serviceError('DATA_SET_TOO_LARGE'));
  });
});
