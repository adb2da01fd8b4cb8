import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import type { Job, JobFailure } from '../../functions/jobs/job.ts';
import { jobKey } from '../../functions/jobs/job-item.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { type FailedJobFilter, findFailedJobs } from '../../local/find-failed-jobs.ts';
import { reopenJob } from '../../local/reopen-jobs.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let jobs: JobStore;
let sent: string[];
beforeAll(async () => {
  stores = await startStores();
  jobs = createDynamoDbJobStore(stores.documents, stores.ref('JobsTable'));
});
afterAll(() => stores.stop());
beforeEach(async () => {
  sent = [];
  await stores.clearJobs();
});

const place = async (last: string, own: Partial<Job> = {}) => {
  const job = sampleJob({ binaryId: sampleBinaryId(last), ...own });
  await jobs.place(job.tenantId, job);
  return job;
};
const placeFailed = async (
  last: string,
  own: Partial<Job> = {},
  code: JobFailure['code'] = 'DATA_SET_MISSING',
  ended = sampleTime,
) => {
  const job = await place(last, own);
  const failure = { code, cause: 'x' };
  const ending = { failure, ended, version: describeFailedVersion(job, failure, 'tick', ended) };
  return (await jobs.fail(job.tenantId, job.binaryId, { by: 'dispatcher', seen: job }, ending)).job as Job;
};

describe('failed jobs are found', () => {
  const found = async (filter: Partial<FailedJobFilter> = {}) => {
    const { jobs: hits, ...rest } = await findFailedJobs(stores.documents, stores.ref('JobsTable'), {
      most: 9,
      ...filter,
    });
    return {
      ...rest,
      last: hits
        .map(({ binaryId }) => binaryId.at(-1))
        .sort()
        .join(''),
    };
  };
  test('by tenant, time and code; others, deleted ones and items that are no jobs are not', async () => {
    await placeFailed('1');
    await placeFailed('2', { tenantId: restoreTenantId('other') });
    await placeFailed('3', {}, 'JOB_DEADLINE_PASSED', sampleTime + 1000);
    await place('4');
    await jobs.remove(demoTenant, await placeFailed('5'), { deletedAt: sampleTime, due: sampleTime });
    const reservation = {
      key: 'k',
      digest: 'd',
      binaryId: 'b',
      jobId: 'j',
      created: sampleTime,
      expires: sampleTime + 1000,
    };
    await jobs.reserve(demoTenant, reservation);
    expect(await found()).toMatchObject({ last: '123', examined: 6, isPartial: false });
    expect((await found()).readUnits).toBeGreaterThan(0);
    expect(await found({ tenantId: demoTenant })).toMatchObject({ last: '13' });
    expect(await found({ since: sampleTime + 1 })).toMatchObject({ last: '3' });
    expect(await found({ code: 'DATA_SET_MISSING' })).toMatchObject({ last: '12' });
    expect(await found({ most: 2 })).toMatchObject({ isPartial: true });
  });
  test('also beside one whose item is damaged, which is named', async () => {
    await placeFailed('1');
    const { binaryId } = await placeFailed('2');
    await stores.documents.send(
      new UpdateCommand({
        TableName: stores.ref('JobsTable'),
        Key: jobKey(demoTenant, binaryId),
        UpdateExpression: 'SET deadline = :none',
        ExpressionAttributeValues: { ':none': 'never' },
      }),
    );
    expect(await found()).toMatchObject({ last: '1', unreadable: [`demo#${binaryId}`] });
  });
});

describe('a failed job', () => {
  const now = sampleTime + 3_600_000;
  const within = 900_000;
  const queue = { send: async (_tenantId: unknown, binaryId: string) => void sent.push(binaryId) };
  const reopen = (last: string, apply: boolean, own: object = {}) => {
    const id = { tenantId: demoTenant, binaryId: sampleBinaryId(last) };
    return reopenJob({ jobs, queue, now: () => now, ...own }, id, { apply, within });
  };
  test('is shown and left as it is without --apply', async () => {
    const failed = await placeFailed('1');
    expect(await reopen('1', false)).toEqual({
      what: [`demo/${failed.binaryId}`, 'FAILED', '60 min ago', '0', 'DATA_SET_MISSING'],
      outcome: 'reopen',
      why: 'once more, with 15 min to its deadline',
    });
    expect(await jobs.read(demoTenant, failed.binaryId)).toEqual(failed);
    expect(sent).toEqual([]);
  });
  test('is reopened and queued with it, once, however often it is asked for (I5)', async () => {
    const { binaryId } = await placeFailed('1');
    expect(await reopen('1', true)).toMatchObject({ outcome: 'reopen' });
    expect(await jobs.read(demoTenant, binaryId)).toMatchObject({
      status: 'QUEUED',
      deadline: now + within,
      attempts: 0,
    });
    expect(await reopen('1', true)).toMatchObject({ outcome: 'nothing', why: 'it is QUEUED' });
    expect(sent).toEqual([binaryId]);
  });
  test('that was reopened and not queued is found by the dispatcher: the record comes first', async () => {
    const { binaryId } = await placeFailed('1');
    const down = { send: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    expect(await reopen('1', true, { queue: down })).toMatchObject({ outcome: 'reopen' });
    expect(await jobs.read(demoTenant, binaryId)).toMatchObject({ status: 'QUEUED', due: now + 60_000 });
  });
  test('whose record cannot be written is not queued', async () => {
    await placeFailed('1');
    const refusing = {
      ...jobs,
      reopen: () => Promise.reject(new ServiceError('DEPENDENCY_REFUSED', { reason: 'job-store x' })),
    };
    expect(await reopen('1', true, { jobs: refusing })).toMatchObject({ outcome: 'failed', why: 'job-store x' });
    expect(sent).toEqual([]);
  });
  test('that somebody else reopened in between is left to them', async () => {
    await placeFailed('1');
    const late: JobStore['reopen'] = async (...call) => {
      await jobs.reopen(call[0], call[1], { ...call[2], reopened: now - 1 });
      return jobs.reopen(...call);
    };
    expect(await reopen('1', true, { jobs: { ...jobs, reopen: late } })).toMatchObject({ outcome: 'nothing' });
    expect(sent).toEqual([]);
  });
  test('that is none, was deleted, or is not kept long enough stays as it is; one that is not there is a failure', async () => {
    await place('1');
    await jobs.remove(demoTenant, await placeFailed('2'), { deletedAt: sampleTime, due: sampleTime });
    await placeFailed('3', { expires: now });
    expect(
      (await Promise.all(['1', '2', '3', '4'].map((last) => reopen(last, true)))).map(({ outcome, why }) => [
        outcome,
        why,
      ]),
    ).toEqual([
      ['nothing', 'it is QUEUED'],
      ['nothing', 'its Binary was deleted'],
      ['nothing', 'its Binary is not kept until the new deadline'],
      ['failed', 'there is no such job in this table'],
    ]);
    expect(sent).toEqual([]);
  });
  test('tells nothing of its user or its parameters', async () => {
    await placeFailed('1', { parameters: [{ name: 'anonymization', valueString: 'planted' }] });
    expect(JSON.stringify(await reopen('1', true))).not.toMatch(new RegExp(`planted|${demoUser}`));
  });
});
