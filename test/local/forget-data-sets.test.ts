import { DeleteObjectsCommand, GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { findForgettable, forget, lookForForgettable } from '../../local/forget-data-sets.ts';
import type { ManifestInUse } from '../../local/manifest-in-use.ts';
import type { StoredObject } from '../../local/stored-objects.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

// The emulator keeps no versions of objects; the data bucket does.

const hour = 3_600_000;
const ago = (hours: number): number => sampleTime - hours * hour;
const importId = '0198a0b0-0000-7000-8000-000000000000';
const inUse: ManifestInUse = {
  written: ago(2),
  text: JSON.stringify({
    transactionTime: '2026-01-01T00:00:00Z',
    request: `urn:uuid:${importId}`,
    output: [{ type: 'EpisodeOfCare', url: 'set/a' }],
  }),
  transactionTime: '2026-01-01T00:00:00Z',
  keys: new Set(['demo/set/a']),
};
const version = (name: string, hours: number, kind: StoredObject['kind'], versionId = `${name}-${hours}`) =>
  ({ key: `demo/${name}`, versionId, written: ago(hours), bytes: 1, kind }) satisfies StoredObject;
const find = (...objects: StoredObject[]) => {
  const found = findForgettable(demoTenant, objects, inUse, sampleTime);
  return { newer: found.newer, ids: found.objects.map(({ versionId }) => versionId) };
};

test('the manifest in use, what it names, and the copy of it that its import keeps stay; their older versions go', () => {
  const copy = `imports/${importId}/manifest.json`;
  const staying = [version('manifest.json', 2, 'current'), version('set/a', 3, 'current'), version(copy, 3, 'current')];
  const older = ['manifest.json', 'set/a', copy].map((name) => version(name, 50, 'older-version', `old ${name}`));
  expect(find(...staying, ...older)).toEqual({ newer: 0, ids: ['old manifest.json', 'old set/a', `old ${copy}`] });
});

test('copies of the manifests of other imports go with their files', () => {
  const other = 'imports/0198a0b0-0000-7000-8000-000000000001';
  const both = [version(`${other}/manifest.json`, 50, 'current', 'm'), version(`${other}/1`, 50, 'current', 'f')];
  expect(find(...both).ids).toEqual(['m', 'f']);
});

test('what was written with the manifest goes; what is newer stays for a day, whether current or not, and is counted', () => {
  expect(
    find(version('x', 2, 'current', 'with it'), version('y', 1, 'current'), version('z', 1, 'older-version')),
  ).toEqual({
    newer: 2,
    ids: ['with it'],
  });
  const late = { ...inUse, written: ago(40) };
  const found = findForgettable(demoTenant, [version('y', 24, 'current')], late, sampleTime);
  expect(found).toMatchObject({ newer: 0, objects: [{ key: 'demo/y' }] });
});

test('a delete marker goes with the last version below it, and not while one stays: that one would come back', () => {
  const gone = [version('x', 1, 'delete-marker', 'marker'), version('x', 50, 'older-version', 'below')];
  expect(find(...gone).ids).toEqual(['marker', 'below']);
  const stays = [version('y', 1, 'delete-marker', 'marker'), version('y', 1.5, 'older-version', 'below')];
  expect(find(...stays)).toEqual({ newer: 1, ids: [] });
});

interface Kept {
  readonly Key: string;
  readonly VersionId: string;
  readonly LastModified: Date;
  readonly IsLatest: boolean;
  readonly text: string;
}

test('after two loads and the removal of the first, its text is in no version any more', async () => {
  const manifest = JSON.stringify({
    transactionTime: '2026-01-01T00:00:00Z',
    requiresAccessToken: false,
    output: [{ type: 'EpisodeOfCare', url: 'imports/2/EpisodeOfCare-1.ndjson' }],
    error: [],
  });
  const keep = (Key: string, VersionId: string, hours: number, text: string, IsLatest = true): Kept => ({
    Key: `demo/${Key}`,
    VersionId,
    LastModified: new Date(ago(hours)),
    IsLatest,
    text,
  });
  let versions = [
    keep('imports/1/EpisodeOfCare-1.ndjson', 'a', 90, 'forget-me', false),
    keep('imports/2/EpisodeOfCare-1.ndjson', 'b', 2, 'stays'),
    keep('manifest.json', 'c', 2, manifest),
    keep('manifest.json', 'd', 90, 'the first', false),
  ];
  let markers = [{ Key: 'demo/imports/1/EpisodeOfCare-1.ndjson', VersionId: 'e', LastModified: new Date(ago(1)) }];
  const s3 = new S3Client({ region: 'eu-north-1' });
  const bucket = mockClient(s3);
  bucket.on(ListObjectVersionsCommand).callsFake(async () => ({ Versions: versions, DeleteMarkers: markers }));
  bucket.on(GetObjectCommand).callsFake(async () => ({
    LastModified: new Date(ago(2)),
    Body: { transformToString: async () => manifest },
  }));
  bucket.on(DeleteObjectsCommand).callsFake(async ({ Delete }: { Delete: { Objects: { VersionId: string }[] } }) => {
    const ids = new Set(Delete.Objects.map(({ VersionId }) => VersionId));
    versions = versions.filter(({ VersionId }) => !ids.has(VersionId));
    markers = markers.filter(({ VersionId }) => !ids.has(VersionId));
    return {};
  });
  const store = { s3, bucket: 'data' };
  await forget(store, await lookForForgettable(store, demoTenant, undefined, sampleTime), sampleTime);
  expect(versions.map(({ text }) => text)).toEqual(['stays', manifest]);
  expect(markers).toEqual([]);
  const again = await lookForForgettable(store, demoTenant, undefined, sampleTime);
  await forget(store, again, sampleTime);
  expect(bucket.commandCalls(DeleteObjectsCommand)).toHaveLength(1);
});

test('a data set that is replaced while it is looked at stops it', async () => {
  const s3 = new S3Client({ region: 'eu-north-1' });
  const bucket = mockClient(s3);
  const give = (text: string) => ({
    LastModified: new Date(ago(2)),
    Body: { transformToString: async () => text } as never,
  });
  bucket
    .on(ListObjectVersionsCommand)
    .resolves({ Versions: [{ Key: 'demo/manifest.json', LastModified: new Date(ago(2)), IsLatest: true }] })
    .on(GetObjectCommand)
    .resolvesOnce(give('{}'))
    .resolves(give('{"a":1}'));
  const looking = lookForForgettable({ s3, bucket: 'data' }, demoTenant, undefined, sampleTime);
  await expect(looking).rejects.toThrow('was replaced at this moment');
});
