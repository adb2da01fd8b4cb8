import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { contentKey, describeStoredVersion, reportContentType } from '../../functions/binaries/binary.ts';
import { createDynamoDbJobList } from '../../functions/jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { demoTenant, demoUser, sampleJob, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const store = createDynamoDbJobStore(documents, 'jobs');
beforeEach(() => client.reset());

const failedCondition = () => new ConditionalCheckFailedException({ $metadata: {}, message: 'planted-secret' });
const serviceError = (name: string) =>
  new DynamoDBServiceException({ name, $fault: 'server', $metadata: {}, message: 'planted-secret' });
const there = (job: Job) => client.on(GetCommand).resolves({ Item: toJobItem(job) });

const job = sampleJob();
const lease = { token: 'a', until: sampleTime + 60_000 };
const running = sampleJob({ status: 'RUNNING', attempts: 1, started: sampleTime, lease, due: lease.until });
const version = describeStoredVersion(
  { versionId: 2, contentType: reportContentType, bytes: new Uint8Array(3), lastUpdated: sampleTime, writer: 'a' },
  contentKey(demoTenant, job.binaryId, 2, 'a'),
);
const claim = { lease, now: sampleTime, maxAttempts: 4, deadlineMargin: 90_000 };

describe('a write whose answer was lost and that the SDK repeated', () => {
  test("is one's own when the order in the table is the same", async () => {
    client.on(PutCommand).rejects(failedCondition());
    there(job);
    expect((await store.place(demoTenant, job)).outcome).toBe('applied');
  });
  test("is one's own when the lease in the table is the same", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there(running);
    expect((await store.claim(demoTenant, job.binaryId, claim)).outcome).toBe('applied');
  });
  test("is another's when the lease in the table is another", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...running, lease: { ...lease, token: 'b' } });
    expect((await store.claim(demoTenant, job.binaryId, claim)).outcome).toBe('conflict');
  });
  test("is one's own when the version in the table was written with the same token", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...job, status: 'DONE', versions: [...job.versions, version] });
    const mine = await store.complete(demoTenant, job.binaryId, 'a', { version, ended: sampleTime });
    const others = await store.complete(demoTenant, job.binaryId, 'b', { version, ended: sampleTime });
    expect([mine.outcome, others.outcome]).toEqual(['applied', 'conflict']);
  });
  test("is one's own when a redrive to the same time is in the table", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...job, redrives: 1, due: sampleTime + 7 });
    expect((await store.redrive(demoTenant, job, sampleTime + 7)).outcome).toBe('applied');
    expect((await store.redrive(demoTenant, job, sampleTime + 8)).outcome).toBe('conflict');
  });
  test("is another's when a redrive to the same time was not counted", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...job, due: sampleTime + 7 });
    expect((await store.redrive(demoTenant, job, sampleTime + 7)).outcome).toBe('conflict');
  });
  test("is one's own when the failure in the table has the same writer", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    const failure = { code: 'DATA_SET_MISSING', cause: 'x' } as const;
    const by = (writer: string) => ({ failure, ended: sampleTime, version: { ...version, writer } });
    const guard = { by: 'worker', token: 'a' } as const;
    there({ ...job, status: 'FAILED', failure, versions: [...job.versions, version] });
    const mine = await store.fail(demoTenant, job.binaryId, guard, by('a'));
    const others = await store.fail(demoTenant, job.binaryId, guard, by('b'));
    there({ ...job, status: 'DONE', versions: [...job.versions, version] });
    const done = await store.fail(demoTenant, job.binaryId, guard, by('a'));
    expect([mine.outcome, others.outcome, done.outcome]).toEqual(['applied', 'conflict', 'conflict']);
  });
  test("is one's own when the deletion in the table is of the same time", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...job, status: 'CANCELLED', deletedAt: sampleTime + 7, versions: [] });
    const remove = (deletedAt: number) => store.remove(demoTenant, job, { deletedAt, due: deletedAt + 1 });
    expect((await remove(sampleTime + 7)).outcome).toBe('applied');
    expect((await remove(sampleTime + 8)).outcome).toBe('conflict');
  });
  test("is one's own when the release in the table is to the same time, uncounted and still waiting", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    const seen = sampleJob({ mode: 'schedule', releaseAt: sampleTime + 5 });
    const released = { ...job, mode: 'schedule', due: sampleTime + 7 } as const;
    const outcomeOver = async (found: Job) => {
      there(found);
      return (await store.release(demoTenant, seen, sampleTime + 7)).outcome;
    };
    expect(await outcomeOver(released)).toBe('applied');
    const others: Job[] = [
      { ...released, due: sampleTime + 8 },
      { ...released, redrives: 1 },
      { ...released, releaseAt: sampleTime + 6 },
      { ...released, status: 'RUNNING' },
    ];
    for (const other of others) expect(await outcomeOver(other)).toBe('conflict');
  });
  test("is one's own when the erasure is in the table, by whomever", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    const erasure = { erasedAt: sampleTime + 9, swept: true };
    there({ ...job, deletedAt: sampleTime, erasedAt: sampleTime + 8, versions: [] });
    expect((await store.markErased(demoTenant, job.binaryId, erasure)).outcome).toBe('applied');
    there(job);
    expect((await store.markErased(demoTenant, job.binaryId, erasure)).outcome).toBe('conflict');
  });
  test("is one's own when the lease was given back to the same time", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there({ ...job, attempts: 1, due: sampleTime + 7 });
    const relinquish = (due: number, attempts = 1) =>
      store.relinquish(demoTenant, job.binaryId, 'a', { due, attempts });
    expect((await relinquish(sampleTime + 7)).outcome).toBe('applied');
    expect((await relinquish(sampleTime + 8)).outcome).toBe('conflict');
    expect((await relinquish(sampleTime + 7, 0)).outcome).toBe('conflict');
  });
  test("is one's own when the job in the table was reopened at the same time, whatever became of it since", async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    const seen = sampleJob({ status: 'FAILED', ended: sampleTime });
    const reopen = async (reopened: number) =>
      (await store.reopen(demoTenant, seen, { reopened, deadline: sampleTime + 99, due: sampleTime + 9 })).outcome;
    for (const status of ['QUEUED', 'RUNNING', 'DONE', 'FAILED'] as const) {
      there({ ...job, status, reopened: sampleTime + 7 });
      expect([await reopen(sampleTime + 7), await reopen(sampleTime + 8)]).toEqual(['applied', 'conflict']);
    }
    there({ ...job, status: 'FAILED' });
    expect(await reopen(sampleTime + 7)).toBe('conflict');
  });
  test('A35: is asked after with a strongly consistent read', async () => {
    client.on(UpdateCommand).rejects(failedCondition());
    there(running);
    await store.claim(demoTenant, job.binaryId, claim);
    expect(client.commandCalls(GetCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
  });
});

describe('a store that does not answer', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 'GENERAL_DEPENDENCY_UNAVAILABLE'],
    ['InternalServerError', 'GENERAL_DEPENDENCY_UNAVAILABLE'],
    ['AccessDeniedException', 'DEPENDENCY_REFUSED'],
    ['ValidationException', 'DEPENDENCY_MISUSED'],
  ])('A8, A36, A37: %s is %s for every method, and tells nothing else', async (name, code) => {
    client.onAnyCommand().rejects(serviceError(name));
    const calls = [
      store.place(demoTenant, job),
      store.read(demoTenant, job.binaryId),
      createDynamoDbJobList(documents, 'jobs', createRecordedLog()).listByUser(demoTenant, demoUser, { limit: 9 }),
      store.claim(demoTenant, job.binaryId, claim),
      store.complete(demoTenant, job.binaryId, 'a', { version, ended: sampleTime }),
      createDynamoDbOpenJobIndex(documents, 'jobs', createRecordedLog()).findDue(sampleTime, 10),
    ];
    for (const thrown of await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))) {
      expect(thrown).toMatchObject({ code, details: { reason: `job-store ${name}` } });
      expect(JSON.stringify(thrown)).not.toContain('planted-secret');
    }
  });
});

test('A51: every read of a job is strongly consistent (I11)', async () => {
  there(job);
  await store.read(demoTenant, job.binaryId);
  expect(client.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true, TableName: 'jobs' });
});

test('an update that fails otherwise is not taken for a failed condition, also where the job can be read', async () => {
  client.on(UpdateCommand).rejects(serviceError('InternalServerError'));
  there(running);
  await expect(store.claim(demoTenant, job.binaryId, claim)).rejects.toMatchObject({
    code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
  });
});
