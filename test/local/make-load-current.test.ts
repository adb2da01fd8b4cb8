import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { makeLoadCurrent } from '../../local/make-load-current.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

// The emulator does not heed the conditions of a PUT; S3 does.

const load = { id: '0198a0b0-0000-7000-8000-000000000000', transactionTime: '2026-04-16T00:00:00Z', output: [] };
const manifest = 'demo/manifest.json';
const failure = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });

const startBucket = () => {
  const s3 = new S3Client({ region: 'eu-north-1' });
  const bucket = mockClient(s3);
  bucket.on(ListObjectsV2Command).resolves({}).on(PutObjectCommand).resolves({});
  const give = (text: string) => ({
    ETag: '"seen"',
    LastModified: new Date(sampleTime),
    Body: { transformToString: async () => text } as never,
  });
  const puts = () =>
    bucket.commandCalls(PutObjectCommand).map(({ args }) => {
      const { Key, IfMatch, IfNoneMatch } = args[0].input;
      return [Key, IfMatch, IfNoneMatch];
    });
  return { bucket, give, puts, make: () => makeLoadCurrent({ s3, bucket: 'data' }, demoTenant, load) };
};

const copy = [`demo/imports/${load.id}/manifest.json`, undefined, undefined];

test('the manifest is written in place of exactly the one that was seen, and its copy after it', async () => {
  const { bucket, give, puts, make } = startBucket();
  bucket.on(GetObjectCommand).resolves(give('{}'));
  expect(await make()).toMatchObject({ text: '{}' });
  expect(puts()).toEqual([[manifest, '"seen"', undefined], copy]);
});

test('where there was none, it is written only while there is none', async () => {
  const { bucket, puts, make } = startBucket();
  bucket.on(GetObjectCommand).rejects(failure('NoSuchKey', 404));
  expect(await make()).toBeUndefined();
  expect(puts()).toEqual([[manifest, undefined, '*'], copy]);
});

test('who may not look writes it all the same, and is told why it was not looked', async () => {
  const { bucket, puts, make } = startBucket();
  const denied = failure('AccessDenied', 403);
  bucket.on(ListObjectsV2Command).rejects(denied).on(GetObjectCommand).rejects(denied);
  expect(await make()).toBe(denied);
  expect(puts()).toEqual([[manifest, undefined, undefined], copy]);
});

test.each([
  [409, 'ConditionalRequestConflict'],
  [412, 'PreconditionFailed'],
])('another data set that became current in the same moment stays: %i', async (status, name) => {
  const { bucket, give, puts, make } = startBucket();
  bucket.on(GetObjectCommand).resolvesOnce(give('{}')).resolves(give('{"a":1}'));
  bucket.on(PutObjectCommand).rejects(failure(name, status));
  await expect(make()).rejects.toThrow('another data set of demo became the one in use at this moment');
  expect(puts()).toHaveLength(1);
});

test('one that was sent again, since its answer was lost, is found to be there', async () => {
  const { bucket, give, puts, make } = startBucket();
  let stored = '{}';
  bucket.on(GetObjectCommand).callsFake(async () => give(stored));
  bucket.on(PutObjectCommand, { Key: manifest }).callsFake(async ({ Body }: { Body: string }) => {
    stored = Body;
    throw failure('PreconditionFailed', 412);
  });
  await make();
  expect(puts()).toEqual([[manifest, '"seen"', undefined], copy]);
});

test('where the bucket does not answer what is in use, nothing is written', async () => {
  const { bucket, puts, make } = startBucket();
  bucket.on(GetObjectCommand).rejects(failure('SlowDown', 503));
  await expect(make()).rejects.toMatchObject({ name: 'SlowDown' });
  expect(puts()).toEqual([]);
});
