import { describe, expect, test } from 'vitest';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { fromJobItem, openShards, ownerKey, shardOf, toJobItem } from '../../functions/jobs/job-item.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const failure = { code: 'DATA_SET_MISSING', cause: 'There is no data set.' } as const;
const failed = () => {
  const { due: _due, ...job } = sampleJob({
    status: 'FAILED',
    started: sampleTime,
    ended: sampleTime + 1,
    attempts: 1,
  });
  return { ...job, failure, versions: [...job.versions, describeFailedVersion(job, failure, 'a', sampleTime + 1)] };
};

describe('job items', () => {
  test.each([
    ['queued', sampleJob()],
    ['running', sampleJob({ status: 'RUNNING', started: sampleTime, lease: { token: 'a', until: sampleTime + 9 } })],
    ['failed', failed()],
  ])('a %s job survives the way into an item and back', (_what, job) => {
    expect(fromJobItem(structuredClone(toJobItem(job)))).toEqual(job);
  });
  test('everything that a job may have survives it, and so does each that it may be without', () => {
    const full: Required<Omit<Job, 'failure'>> = {
      ...sampleJob({ mode: 'schedule', status: 'RUNNING', attempts: 2, redrives: 3 }),
      started: sampleTime + 1,
      ended: sampleTime + 2,
      lease: { token: 'a', until: sampleTime + 3 },
      due: sampleTime + 4,
      pausedUntil: sampleTime + 5,
      releaseAt: sampleTime + 6,
      importSince: sampleTime + 7,
      nightImport: { outcome: 'failed', begun: sampleTime + 8 },
      billed: { milliseconds: 9, gigabyteSeconds: 0.01 },
      reopened: sampleTime + 10,
      deletedAt: sampleTime + 11,
      erasedAt: sampleTime + 12,
    };
    expect(fromJobItem(structuredClone(toJobItem(full)))).toEqual(full);
    for (const name of Object.keys(toJobItem(full)).filter((key) => Object.hasOwn(full, key))) {
      const without: Job = { ...full };
      Reflect.deleteProperty(without, name);
      if (!Object.hasOwn(sampleJob(), name)) expect(fromJobItem(structuredClone(toJobItem(without)))).toEqual(without);
    }
  });
  test('an item is found by its tenant and Binary, by its owner, and while it is open by its tenant and mode', () => {
    const binaryId = sampleBinaryId();
    const keys = { pk: `demo#${binaryId}`, tenant: 'demo', owner: `demo#${demoUser}` };
    expect(toJobItem(sampleJob())).toMatchObject({ ...keys, openTenant: 'demo#execute' });
    expect(toJobItem(failed())).toMatchObject(keys);
    expect(toJobItem(failed())).not.toHaveProperty('openTenant');
  });
  test('a deleted Binary that is still to be erased is in the index of its own', () => {
    expect(toJobItem(sampleJob({ deletedAt: sampleTime }))).toMatchObject({ openShard: 'sweep-1' });
  });
  test('an open job is in the index of open jobs, one that has ended is not', () => {
    expect(toJobItem(sampleJob())).toMatchObject({ openShard: '1', due: '2026-04-16T11:45:11.919Z' });
    expect(toJobItem(failed())).not.toHaveProperty('openShard');
    expect(toJobItem(failed())).not.toHaveProperty('due');
  });
  test('the record outlives its Binary by a month, so that its user is told 410; in whole seconds, as DynamoDB takes it', () => {
    expect(toJobItem(sampleJob({ expires: 1001 })).expires).toBe(2 + 30 * 24 * 60 * 60);
  });
  test('A55: attributes of a later version are left alone', () => {
    expect(fromJobItem({ ...toJobItem(sampleJob()), colour: 'blue' } as never)).toEqual(sampleJob());
  });
  test('more than nine versions come in the order of their numbers', () => {
    const item = toJobItem(sampleJob());
    const [first] = Object.values(item.versions);
    const versions = Object.fromEntries([10, 2, 1, 9].map((n) => [n, first]));
    const read = fromJobItem({ ...item, versions: versions as typeof item.versions });
    expect(read.versions.map(({ versionId }) => versionId)).toEqual([1, 2, 9, 10]);
  });
  test('a damaged item is refused', () => {
    expect(() => fromJobItem({ ...toJobItem(sampleJob()), tenant: 'a#b' })).toThrow(TypeError);
    expect(() => fromJobItem({ ...toJobItem(sampleJob()), deadline: 'soon' })).toThrow(TypeError);
  });
  test('no user of one tenant shares an owner key with another, also where a user id has a #', () => {
    expect(ownerKey(demoTenant, 'b#c')).not.toBe(ownerKey('demo-b' as typeof demoTenant, 'c'));
  });
  test('all shards are used alike', () => {
    const digits = [...'0123456789abcdef'].map((digit) => shardOf(sampleBinaryId(digit)));
    for (const shard of openShards) expect(digits.filter((used) => used === shard)).toHaveLength(2);
  });
});
