import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { readHistory } from '../../functions/imports/data-set-history.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { findEarlierDataSets } from '../../local/find-earlier-data-sets.ts';
import { goBack } from '../../local/go-back-data-set.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

// The emulator keeps no versions of objects; the data bucket does. This one lists a key's newest first, as S3 does.

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  /** Absent in a delete marker. */
  readonly text?: string;
}

const startBucket = () => {
  let versions: Version[] = [];
  let count = 0;
  const s3 = new S3Client({ region: 'eu-north-1' });
  const bucket = mockClient(s3);
  const add = (name: string, text?: string) => {
    count += 1;
    versions = [{ Key: `demo/${name}`, VersionId: `${count}`, ...(text === undefined ? {} : { text }) }, ...versions];
  };
  const latest = (key: string) => versions.find(({ Key }) => Key === key);
  const list = (isMarker: boolean) =>
    versions
      .filter(({ text }) => (text === undefined) === isMarker)
      .map((one) => ({ ...one, LastModified: new Date(sampleTime), IsLatest: latest(one.Key) === one }));
  const texts = () => [...new Set(versions.map(({ Key }) => Key))].filter((key) => latest(key)?.text !== undefined);
  bucket.on(ListObjectVersionsCommand).callsFake(async () => ({ Versions: list(false), DeleteMarkers: list(true) }));
  bucket.on(ListObjectsV2Command).callsFake(async () => ({ Contents: texts().map((Key) => ({ Key })) }));
  bucket.on(GetObjectCommand).callsFake(async ({ Key, VersionId }: { Key: string; VersionId?: string }) => {
    const one = VersionId === undefined ? latest(Key) : versions.find((version) => version.VersionId === VersionId);
    if (one?.text === undefined) throw new S3ServiceException({ name: 'NoSuchKey', $fault: 'client', $metadata: {} });
    const { text } = one;
    const LastModified = new Date(sampleTime);
    return { LastModified, ETag: one.VersionId, Body: { transformToString: async () => text } };
  });
  bucket.on(PutObjectCommand).callsFake(async ({ Key, Body, IfMatch }: Record<string, string>) => {
    if (latest(Key ?? '')?.VersionId !== IfMatch) throw new Error('another is there');
    add((Key ?? '').slice('demo/'.length), Body);
    return {};
  });
  bucket.on(DeleteObjectsCommand).callsFake(async ({ Delete }: { Delete: { Objects: { VersionId: string }[] } }) => {
    const ids = new Set(Delete.Objects.map(({ VersionId }) => VersionId));
    versions = versions.filter(({ VersionId }) => !ids.has(VersionId));
    return {};
  });
  /** As a load or an import leaves it that is done. */
  const load = (id: string, transactionTime: string) => {
    const url = `imports/${id}/EpisodeOfCare-1.ndjson`;
    const output = [{ type: 'EpisodeOfCare', url }];
    const request = `urn:uuid:${id}`;
    const manifest = JSON.stringify({ transactionTime, request, requiresAccessToken: false, output, error: [] });
    add(url, 'an episode');
    add('manifest.json', manifest);
    add(`imports/${id}/manifest.json`, manifest);
  };
  const remove = (id: string) => {
    add(`imports/${id}/EpisodeOfCare-1.ndjson`);
    add(`imports/${id}/manifest.json`);
  };
  const forget = (name: string) => {
    versions = versions.filter(({ Key, text }) => Key !== `demo/${name}` || text === undefined);
  };
  const manifest = () => latest('demo/manifest.json')?.text ?? '';
  return { store: { s3, bucket: 'data' }, load, remove, forget, manifest, texts };
};

const [first, second] = ['0198a0b0-0000-7000-8000-000000000001', '0198a0b0-0000-7000-8000-000000000002'];
const cutOff = '2026-01-01T00:00:00Z';

test('a data set whose files were removed is in use again with all of them, and tells what it has replaced', async () => {
  const { store, load, remove, manifest, texts } = startBucket();
  load(first, cutOff);
  load(second, '2026-02-01T00:00:00Z');
  remove(first);
  const [newest, oldest] = await findEarlierDataSets(store, demoTenant);
  expect(newest).toMatchObject({ id: second, isInUse: true, markers: [], gone: undefined });
  expect(oldest).toMatchObject({ id: first, isInUse: false, markers: [{}, {}], gone: undefined });
  if (oldest !== undefined) await goBack(store, demoTenant, oldest, sampleTime);
  expect(JSON.parse(manifest())).toMatchObject({ transactionTime: cutOff, request: `urn:uuid:${first}` });
  expect(texts()).toEqual(
    expect.arrayContaining(['EpisodeOfCare-1.ndjson', 'manifest.json'].map((name) => `demo/imports/${first}/${name}`)),
  );
  expect([...readHistory({ text: manifest(), modified: systemClock.now() }).until.keys()]).toEqual([second]);
});

test.each<[string, string, (bucket: ReturnType<typeof startBucket>) => void]>([
  ['it is the one in use', cutOff, ({ load }) => load(first, cutOff)],
  [
    'EpisodeOfCare-1.ndjson is in no version any more',
    cutOff,
    ({ forget }) => forget(`imports/${first}/EpisodeOfCare-1.ndjson`),
  ],
  ['its cut-off, 2999-01-01T00:00:00Z, is in the future', '2999-01-01T00:00:00Z', () => {}],
])('nothing is changed where %s', async (obstacle, time, happen) => {
  const bucket = startBucket();
  bucket.load(first, time);
  bucket.load(second, cutOff);
  happen(bucket);
  const before = bucket.manifest();
  const earlier = (await findEarlierDataSets(bucket.store, demoTenant)).find(({ id }) => id === first);
  expect(earlier).toBeDefined();
  if (earlier !== undefined) {
    const going = goBack(bucket.store, demoTenant, earlier, sampleTime);
    await expect(going).rejects.toThrow(new RegExp(`^Nothing was changed: ${first} cannot be .*${obstacle}\\.$`));
  }
  expect(bucket.manifest()).toBe(before);
});

test('what is in a folder without a copy of a manifest was never in use', async () => {
  const { store, load, forget } = startBucket();
  load(first, cutOff);
  forget(`imports/${first}/manifest.json`);
  expect(await findEarlierDataSets(store, demoTenant)).toEqual([]);
});
