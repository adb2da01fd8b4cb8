import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { readHistory } from '../../functions/imports/data-set-history.ts';
import { readCurrentDataSet } from '../../functions/imports/stored-manifest.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { createBytesInput, openFileInput, UnusableInput } from '../../local/data-set-input.ts';
import { hasDataSet, loadDataSet } from '../../local/load-data-set.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

const tenantId = restoreTenantId('demo');
const cutOff = '2026-04-16T11:44:11+02:00';
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{"resourceType":"EpisodeOfCare","id":"${index}"}\n`).join('');
const one = createBytesInput('a.ndjson', Buffer.from(lines(1)));

let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

const store = () => ({ s3: stores.s3, bucket: stores.ref('DataBucket') });
/** The client, with another way to send. */
const withSend = (send: (command: PutObjectCommand) => Promise<unknown>): S3Client =>
  new Proxy(stores.s3, { get: (target, member) => (member === 'send' ? send : Reflect.get(target, member)) });
const readText = async (key: string): Promise<string> => {
  const { Body } = await stores.s3.send(new GetObjectCommand({ Bucket: store().bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
};
const listKeys = async (): Promise<readonly string[]> => {
  const { Contents = [] } = await stores.s3.send(new ListObjectsV2Command({ Bucket: store().bucket }));
  return Contents.map(({ Key = '' }) => Key);
};

describe('loading', () => {
  it('makes plain and packed files the data set that the next report is made from', async () => {
    expect(await hasDataSet(store(), tenantId)).toBe(false);
    const packed = gzipSync(lines(3));
    const files = [createBytesInput('a.ndjson', Buffer.from(`\n${lines(2)}`)), createBytesInput('b.ndjson.gz', packed)];
    const loaded = await loadDataSet(store(), tenantId, files, cutOff);
    expect(await hasDataSet(store(), tenantId)).toBe(true);
    expect(loaded.output.map(({ count }) => count)).toEqual([2, 3]);

    const dataSet = await createS3DataSetSource(stores.s3, store().bucket).openCurrent(
      tenantId,
      new AbortController().signal,
    );
    expect(dataSet.transactionTime).toBe(cutOff);
    expect(dataSet.files).toMatchObject([
      {
        name: expect.stringMatching(/^imports\/[0-9a-f-]{36}\/EpisodeOfCare-1\.ndjson$/),
        count: 2,
        sha256: expect.any(String),
      },
      {
        name: expect.stringMatching(/^imports\/[0-9a-f-]{36}\/EpisodeOfCare-2\.ndjson\.gz$/),
        count: 3,
        bytes: packed.length,
      },
    ]);
  });

  it('writes a manifest of a FHIR Bulk Data export, with urls below its own prefix', async () => {
    const { output } = await loadDataSet(
      store(),
      tenantId,
      [createBytesInput('a.ndjson', Buffer.from(lines(1)))],
      cutOff,
    );
    expect(JSON.parse(await readText('demo/manifest.json'))).toEqual({
      transactionTime: cutOff,
      request: expect.any(String),
      requiresAccessToken: false,
      extension: {
        published: expect.any(String),
        history: { since: expect.any(String), until: expect.any(Object) },
      },
      output,
      error: [],
    });
    expect(await readText(`demo/${output[0]?.url}`)).toBe(lines(1));
  });

  it('tells in its manifest what it replaces', async () => {
    const load = async () => {
      await loadDataSet(store(), restoreTenantId('told'), [one], cutOff);
      const manifest = await readText('told/manifest.json');
      return { ...readCurrentDataSet(manifest), ...readHistory({ text: manifest, modified: systemClock.now() }) };
    };
    const [first, second] = [await load(), await load()];
    expect([first.since, second.since, first.until.size]).toEqual([0, 0, 0]);
    expect([...second.until.keys()]).toEqual([...first.imports]);
  });

  it('leaves the files of an earlier load to those who still read them', async () => {
    const input = createBytesInput('a.ndjson', Buffer.from(lines(1)));
    const first = await loadDataSet(store(), tenantId, [input], cutOff);
    await loadDataSet(store(), tenantId, [input], cutOff);
    expect(await listKeys()).toContain(`demo/${first.output[0]?.url}`);
  });

  it.each([
    ['loads', 1, 2, [false, true, true]],
    ['kept', 3, 0, [true, true, true]],
  ])(
    'leaves the one that it replaces, and removes what was replaced longer than a day ago: %s, the newest %i stay',
    async (tenant, keep, gone, left) => {
      const hour = 3_600_000;
      const now = vi.spyOn(systemClock, 'now');
      let modified = new Date();
      // S3's clock goes with ours.
      const s3 = withSend(async (command) => {
        const answer: object = await stores.s3.send(command);
        const isManifest = command.input.Key === `${tenant}/manifest.json`;
        if (isManifest && command instanceof PutObjectCommand) modified = new Date(systemClock.now());
        return command instanceof GetObjectCommand ? { ...answer, LastModified: modified } : answer;
      });
      const loadAt = async (hours: number): Promise<string> => {
        now.mockReturnValue(Date.now() + hours * hour);
        const { output, removed } = await loadDataSet({ ...store(), s3 }, restoreTenantId(tenant), [one], cutOff, keep);
        expect(removed).toBe(hours === 63 ? gone : 0);
        return `${tenant}/${output[0]?.url}`;
      };
      const [first, second, third] = [await loadAt(0), await loadAt(32), await loadAt(63)];
      const stored = await listKeys();
      expect([first, second, third].map((key) => stored.includes(key))).toEqual(left);
      now.mockRestore();
    },
  );

  it('is done also for one who may neither read nor delete; what became of earlier files is told', async () => {
    const denied = Object.assign(new Error('x'), { name: 'AccessDenied' });
    const s3 = withSend(async (command) => {
      if (command instanceof GetObjectCommand) throw denied;
      return stores.s3.send(command);
    });
    const loaded = await loadDataSet({ ...store(), s3 }, tenantId, [one], cutOff);
    expect(loaded.removed).toBe(denied);
    expect(await readText('demo/manifest.json')).toContain(loaded.output[0]?.url);
  });

  it('changes nothing where a file that it has stored is gone when all are: the data set in use stays', async () => {
    const late = restoreTenantId('late');
    await loadDataSet(store(), late, [one], cutOff);
    const before = await readText('late/manifest.json');
    // Right before it looks whether all is there.
    const s3 = withSend(async (command) => {
      if (command instanceof ListObjectsV2Command) {
        const Key = `${command.input.Prefix}EpisodeOfCare-1.ndjson`;
        await stores.s3.send(new DeleteObjectCommand({ Bucket: store().bucket, Key }));
      }
      return stores.s3.send(command);
    });
    const loading = loadDataSet({ ...store(), s3 }, late, [one], cutOff);
    await expect(loading).rejects.toThrow(/^Nothing was made current: imports\/\S+\/EpisodeOfCare-1.ndjson, one of/);
    expect(await readText('late/manifest.json')).toBe(before);
  });

  it('stores a file that takes several parts whole', async () => {
    const text = lines(450_000);
    const { output } = await loadDataSet(store(), tenantId, [createBytesInput('a.ndjson', Buffer.from(text))], cutOff);
    expect(text.length).toBeGreaterThan(2 * 8 * 1024 * 1024);
    expect((await readText(`demo/${output[0]?.url}`)) === text).toBe(true);
  });

  it.each([
    [
      'a gzip stream that is cut off',
      'b.ndjson.gz',
      gzipSync(lines(100)).subarray(0, 60),
      'b.ndjson.gz: the gzip stream',
    ],
    ['a file without a line', 'b.ndjson', Buffer.from('\n \n'), 'b.ndjson: there is no line in it'],
    [
      'JSON of many lines',
      'p.json',
      Buffer.from('{\n  "name": "x"\n}\n'),
      'p.json line 1: a line is not a JSON object.',
    ],
  ])('stores nothing when one file is %s', async (_case, name, bytes, message) => {
    const before = await listKeys();
    const files = [createBytesInput('a.ndjson', Buffer.from(lines(1))), createBytesInput(name, bytes)];
    await expect(loadDataSet(store(), tenantId, files, cutOff)).rejects.toThrow(message);
    await expect(loadDataSet(store(), tenantId, files, cutOff)).rejects.toBeInstanceOf(UnusableInput);
    expect(await listKeys()).toEqual(before);
  });
});

describe('a file on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'load-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read in chunks, and again when it is asked for again', async () => {
    const path = join(folder, 'a.ndjson');
    await writeFile(path, lines(50_000));
    const file = await openFileInput(path);
    expect(file).toMatchObject({ name: 'a.ndjson', bytes: lines(50_000).length });
    for (const _time of ['first', 'second']) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read(new AbortController().signal)) chunks.push(chunk);
      expect(chunks.length).toBeGreaterThan(1);
      expect(Buffer.concat(chunks).toString()).toBe(lines(50_000));
    }
  });

  it.each<[string, (path: string) => Promise<unknown>, string]>([
    ['there is none', async () => {}, 'there is no such file'],
    ['it is empty', (path) => writeFile(path, ''), 'the file is empty'],
  ])('is refused when %s', async (_case, prepare, message) => {
    const path = join(folder, 'a.ndjson');
    await prepare(path);
    await expect(openFileInput(path)).rejects.toThrow(`${path}: ${message}`);
  });

  it('is refused when it is a folder', async () => {
    await expect(openFileInput(folder)).rejects.toThrow(`${folder}: not a file`);
  });
});
