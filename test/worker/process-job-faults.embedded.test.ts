import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import type { Job } from '../../functions/jobs/job.ts';
import type { Ids } from '../../functions/platform/ids.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import type { Fault } from '../support/fault-plans.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';

const cutOff = '2026-04-16T09:44:11.000Z';
const file = 'EpisodeOfCare.ndjson';
const lines = [...generateEpisodes({ count: 50, seed: 1, cutOff })].map((line) => `${line}\n`).join('');
const rules = { lease: 60_000, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000 };
const job = sampleJob();
let faulty: FaultyStores;
let clock: ManualClock;
let ids: Ids;
let undisturbed: string | undefined;
let logger: RecordedLog;

const putData = async (name: string, content: string) => {
  const Bucket = faulty.direct.ref('DataBucket');
  await faulty.direct.s3.send(new PutObjectCommand({ Bucket, Key: `demo/${name}`, Body: content }));
};
/** The data set's manifest; `extension` is what it says of its file's bytes. */
const putManifest = (extension: object = {}) =>
  putData(
    'manifest.json',
    JSON.stringify({ transactionTime: cutOff, output: [{ type: 'EpisodeOfCare', url: file, extension }] }),
  );

beforeAll(async () => {
  faulty = await startFaultyStores();
  await putData(file, lines);
});
afterAll(() => faulty.stop());
beforeAll(async () => {
  await begin();
  await work();
  undisturbed = (await stored()).versions[1]?.sha256;
  expect(undisturbed).toBeDefined();
});

const store = () => createDynamoDbJobStore(faulty.direct.documents, faulty.direct.ref('JobsTable'));
const stored = async () => (await store().read(demoTenant, job.binaryId)) as Job;
const place = async () => {
  await faulty.direct.clearJobs();
  await store().place(demoTenant, job);
};

const begin = async () => {
  faulty.heal();
  clock = createManualClock();
  ids = createCountedIds();
  logger = createRecordedLog();
  await putManifest();
  await place();
};
beforeEach(begin);

const work = (patience?: number) => {
  const { documents } = faulty.connect();
  const { s3, streamingS3 } = faulty.connect(patience);
  const worker = {
    jobs: createDynamoDbJobStore(documents, faulty.direct.ref('JobsTable')),
    content: createS3BinaryContent(s3, faulty.direct.ref('ContentBucket')),
    dataSets: createS3DataSetSource(streamingS3, faulty.direct.ref('DataBucket')),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(sampleTenant()),
    clock,
    timers: createManualTimers(clock),
    ids,
    logger,
    rules,
  };
  return processJob(worker, { tenantId: demoTenant, binaryId: job.binaryId }, 300_000);
};
/** The report that an undisturbed run makes. */
const expectReport = async (attempts: number) => {
  const { status, attempts: taken, versions } = await stored();
  expect([status, taken, versions[1]?.sha256]).toEqual(['DONE', attempts, undisturbed]);
};
/** The job waits in its pause; then the dispatcher ends that. */
const expectWaiting = async () => {
  const { status, attempts, due = 0, versions } = await stored();
  expect([status, attempts, versions.length]).toEqual(['QUEUED', 1, 1]);
  expect(due).toBeGreaterThan(clock.now());
  expect(due).toBeLessThanOrEqual(clock.now() + 15_000);
  expect(logger.of('JOB_ATTEMPT_FAILED')).toHaveLength(1);
  await store().redrive(demoTenant, await stored(), clock.now() + 60_000);
};

describe('A39: the source, read over a bad line,', () => {
  test.each<[string, Fault, number]>([
    ['reset amid the file, three times', { kind: 'cut', afterBytes: 20_000 }, 3],
    ['ended too early, with a length that fits', { kind: 'shorten', afterBytes: 20_000 }, 1],
    ['dripping', { kind: 'drip', bytes: 8000, millis: 2 }, 1],
    ['silent in the middle', { kind: 'stall', afterBytes: 20_000 }, 1],
    ['never answering at first', { kind: 'blackhole' }, 2],
  ])('%s, gives the same report as over a good one (I10)', async (_what, fault, times) => {
    faulty.proxies.s3.inject({ operation: 'GET', pathEnd: file, fault, times });
    await work(400);
    await expectReport(1);
  });

  test.each<[string, Fault]>([
    ['reset each time', { kind: 'cut', afterBytes: 1000 }],
    ['silent each time', { kind: 'stall', afterBytes: 0 }],
    ['never answering', { kind: 'blackhole' }],
    ['refusing (503)', { kind: 'answer', status: 503, body: '' }],
    ['ended too early each time', { kind: 'shorten', afterBytes: 0 }],
  ])('%s, fails the attempt and no more, and the next one makes the report', async (_what, fault) => {
    faulty.proxies.s3.inject({ operation: 'GET', pathEnd: file, fault });
    await work(100);
    await expectWaiting();
    faulty.heal();
    await work();
    await expectReport(2);
  });

  test('with a byte that is not the one stored makes no report where the manifest has a SHA-256 (I10)', async () => {
    await putManifest({ sha256: createHash('sha256').update(lines).digest('hex') });
    // A digit of a date, so that the line can be read.
    const at = lines.indexOf('"start":"20') + '"start":"2024-0'.length;
    faulty.proxies.s3.inject({ operation: 'GET', pathEnd: file, fault: { kind: 'garble', at } });
    await work();
    expect((await stored()).status).not.toBe('DONE');
  });
});

describe('A38: the report’s bytes, when S3 takes them', () => {
  test.each<[string, Fault]>([
    ['not: SlowDown', { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' }],
    ['not: 500', { kind: 'answer', status: 500, body: '' }],
    ['not: a reset', { kind: 'reset' }],
  ])('%s, fail the attempt and no more; the next one stores them under a key of its own', async (_what, fault) => {
    faulty.proxies.s3.inject({ operation: 'PUT', fault });
    await work();
    await expectWaiting();
    expect(faulty.proxies.s3.seen.filter(({ operation }) => operation === 'PUT')).toHaveLength(3);
    faulty.heal();
    await work();
    await expectReport(2);
  });
  test('at the second try, are recorded by the first attempt', async () => {
    faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'reset' }, times: 1 });
    await work();
    await expectReport(1);
  });
});

describe('A34: completing a job', () => {
  test('whose answer is lost is done', async () => {
    faulty.proxies.dynamodb.inject({ operation: 'UpdateItem', skip: 1, times: 1, fault: { kind: 'lose-answer' } });
    await work();
    expect(logger.of('JOB_DONE')).toHaveLength(1);
    expect(logger.of('JOB_LEASE_LOST')).toEqual([]);
    await expectReport(1);
  });
  test('of which nothing is heard is never made a failure, whether it was applied or not', async () => {
    for (const kind of ['lose-answer', 'reset'] as const) {
      await place();
      faulty.proxies.dynamodb.heal();
      faulty.proxies.dynamodb.inject({ operation: 'UpdateItem', skip: 1, fault: { kind } });
      expect(await work()).toBe('done');
      expect((await stored()).status).toBe(kind === 'reset' ? 'RUNNING' : 'DONE');
    }
    expect(logger.of('JOB_OUTCOME_UNKNOWN')).toHaveLength(2);
    expect(logger.of('JOB_FAILED')).toEqual([]);
  });
});

test('A21: a claim of which nothing is heard is left to its lease, and another worker makes the report', async () => {
  faulty.proxies.dynamodb.inject({ operation: 'UpdateItem', fault: { kind: 'lose-answer' } });
  await expect(work()).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  expect(await stored()).toMatchObject({ status: 'RUNNING', attempts: 1 });
  faulty.heal();
  expect(await work()).toBe('done');
  expect(await stored()).toMatchObject({ status: 'RUNNING', attempts: 1 });
  clock.advance(60_000);
  await work();
  expect(await stored()).toMatchObject({ status: 'DONE', attempts: 2 });
});
