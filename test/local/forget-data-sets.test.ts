import { DeleteObjectsCommand, GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { forget, lookForForgettable } from '../../local/forget-data-sets.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

// The emulator keeps no versions of objects; the data bucket does.

const hour = 3_600_000;
const ago = (hours: number): number => sampleTime - hours * hour;

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
