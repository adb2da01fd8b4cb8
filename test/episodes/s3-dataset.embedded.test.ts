import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import type { DataSetFile } from '../../functions/episodes/data-set.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { serviceError } from '../support/service-error.ts';

const never = new AbortController().signal;
const bucket = 'data';

let server: FauxqsServer;
let proxy: FaultProxy;
let s3: S3Client;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  proxy = await startFaultProxy(`http://127.0.0.1:${server.port}`);
  s3 = new S3Client({
    endpoint: proxy.endpoint,
    region: 'eu-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});

afterAll(async () => {
  s3.destroy();
  await proxy.stop();
  await server.stop();
});

const put = (tenant: string, name: string, content: string | Uint8Array) => {
  const Body = Buffer.from(content);
  return s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${tenant}/${name}`, Body, ContentLength: Body.length }));
};

const putManifest = (tenant: string, names: readonly string[]) => {
  const output = names.map((url) => ({ type: 'EpisodeOfCare', url }));
  return put(tenant, 'manifest.json', JSON.stringify({ transactionTime: '2026-04-16T09:00:00Z', output, error: [] }));
};

const open = (tenant: string) => createS3DataSetSource(s3, bucket).openCurrent(restoreTenantId(tenant), never);

const readAll = async (file: DataSetFile | undefined): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file?.read(never) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('a data set in the store', () => {
  test('is what its manifest names, byte for byte as it lies there, as often as it is read', async () => {
    const packed = gzipSync('{"resourceType":"EpisodeOfCare"}\n');
    await put('whole', 'plain æ.ndjson', 'one\n');
    await put('whole', 'run 1/packed.gz', packed);
    await put('whole', 'empty.ndjson', '');
    await putManifest('whole', ['run 1/packed.gz', 'plain æ.ndjson', 'empty.ndjson']);
    const { transactionTime, files } = await open('whole');
    expect(transactionTime).toBe('2026-04-16T09:00:00Z');
    expect(files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['run 1/packed.gz', packed.length],
      ['plain æ.ndjson', 4],
      ['empty.ndjson', 0],
    ]);
    for (const _ of [1, 2]) expect(await readAll(files[0])).toEqual(packed);
    expect(String(await readAll(files[1]))).toBe('one\n');
    expect(String(await readAll(files[2]))).toBe('');
  });

  test('is the tenant’s own', async () => {
    await putManifest('own-a', []);
    await expect(open('own-a')).resolves.toMatchObject({ files: [] });
    await expect(open('own')).rejects.toEqual(serviceError('DATA_SET_MISSING'));
  });

  test('of many files keeps their order', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `f${at}.ndjson`);
    await Promise.all(names.map((name) => put('many', name, name)));
    await putManifest('many', names);
    const { files } = await open('many');
    expect(files.map(({ name }) => name)).toEqual(names);
    expect(String(await readAll(files[37]))).toBe('f37.ndjson');
  });

  test('without one of its files is incomplete', async () => {
    await put('lacking', 'a', 'x\n');
    await putManifest('lacking', ['a', 'b']);
    await expect(open('lacking')).rejects.toEqual(
      serviceError('DATA_SET_INCOMPLETE', 'b: the manifest names it, but it is not there'),
    );
  });

  test('in a bucket that is not there is no missing data set, but a store out of order', async () => {
    const source = createS3DataSetSource(s3, 'elsewhere');
    await expect(source.openCurrent(restoreTenantId('demo'), never)).rejects.toMatchObject({
      code: 'DEPENDENCY_REFUSED',
      details: { reason: 'data-set-store NoSuchBucket' },
    });
  });
});

describe('I10: a data set replaced during a run', () => {
  test('A40: is never read in part: a file with other bytes is refused', async () => {
    await put('swapped', 'a', 'old\n');
    await putManifest('swapped', ['a']);
    const { files } = await open('swapped');
    await put('swapped', 'a', 'new\n');
    await expect(readAll(files[0])).rejects.toEqual(
      serviceError('DATA_SET_CHANGED', 'a: replaced since the data set was opened'),
    );
  });

  test('whose file is gone with a new manifest has changed, and is worth another attempt', async () => {
    await put('renewed', 'a', 'old\n');
    await putManifest('renewed', ['a']);
    const { files } = await open('renewed');
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'renewed/a' }));
    await expect(readAll(files[0])).rejects.toEqual(serviceError('DATA_SET_INCOMPLETE'));
    await putManifest('renewed', ['b']);
    await expect(readAll(files[0])).rejects.toEqual(serviceError('DATA_SET_CHANGED'));
  });
});

describe('a connection that breaks amid a file', () => {
  const content = Buffer.from(Array.from({ length: 40_000 }, (_, at) => `${at}\n`).join(''));
  const breakAnswers = (pathEnd: string, afterBytes: number, times = Number.POSITIVE_INFINITY) =>
    proxy.inject({ operation: 'GET', pathEnd, times, fault: { kind: 'cut', afterBytes } });
  const ranges = (name: string) =>
    proxy.seen.filter(({ operation, path }) => operation === 'GET' && path.endsWith(name)).map(({ range }) => range);

  test('A39: is taken up where it ended', async () => {
    await put('broken', 'resumed.ndjson', content);
    await putManifest('broken', ['resumed.ndjson']);
    const { files } = await open('broken');
    breakAnswers('resumed.ndjson', 50_000, 3);
    expect((await readAll(files[0])).equals(content)).toBe(true);
    const expected = [undefined, 'bytes=50000-', 'bytes=100000-', 'bytes=150000-'];
    expect(ranges('resumed.ndjson')).toEqual(expected);
  });

  test('A39: again and again is a store out of order, worth another attempt', async () => {
    await put('broken', 'hopeless.ndjson', content);
    await putManifest('broken', ['hopeless.ndjson']);
    const { files } = await open('broken');
    breakAnswers('hopeless.ndjson', 1000);
    await expect(readAll(files[0])).rejects.toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
      details: { reason: 'data-set-store broke off' },
    });
    expect(ranges('hopeless.ndjson')).toHaveLength(6);
  });

  test('A40: does not hide that the file was replaced meanwhile', async () => {
    await put('broken', 'replaced.ndjson', content);
    await putManifest('broken', ['replaced.ndjson']);
    const { files } = await open('broken');
    breakAnswers('replaced.ndjson', 1000, 1);
    const reading = files[0]?.read(never)[Symbol.asyncIterator]();
    await reading?.next();
    await put('broken', 'replaced.ndjson', Buffer.from(content).fill('x'));
    const rest = async () => {
      for (let next = await reading?.next(); next?.done === false; next = await reading?.next());
    };
    await expect(rest()).rejects.toEqual(serviceError('DATA_SET_CHANGED'));
  });
});

test('an aborted reading stops at once and throws the reason', async () => {
  await put('aborted', 'a', Buffer.alloc(1_000_000, 'x'));
  await putManifest('aborted', ['a']);
  const { files } = await open('aborted');
  const abort = new AbortController();
  const reason = new Error('lease lost');
  const reading = files[0]?.read(abort.signal)[Symbol.asyncIterator]();
  await reading?.next();
  abort.abort(reason);
  const rest = async () => {
    for (let next = await reading?.next(); next?.done === false; next = await reading?.next());
  };
  await expect(rest()).rejects.toBe(reason);
  const opening = createS3DataSetSource(s3, bucket).openCurrent(restoreTenantId('aborted'), abort.signal);
  await expect(opening).rejects.toBe(reason);
});
