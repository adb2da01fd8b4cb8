import { unzipSync } from 'fflate';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import type { Job } from '../../functions/jobs/job.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { type JobDependencies, processJob } from '../../functions/worker/process-job.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createInMemoryReportPace, type InMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers, type ManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleBinaryId, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

const episode = JSON.stringify({
  resourceType: 'EpisodeOfCare',
  status: 'active',
  patient: { reference: 'Patient/planted-patient' },
  statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
});
const goodData = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', `${episode}\n`)]);
const badData = dataSetInMemory('2026-04-01T00:00:00Z', [
  fileInMemory('a.ndjson', `${episode}\n{"resourceType":"Patient"}\n`),
]);
const noData: DataSetSource = { openCurrent: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };

const job = sampleJob();
const message = { tenantId: demoTenant, binaryId: job.binaryId };
const minutes = (count: number) => count * 60_000;
let clock: ManualClock;
let timers: ManualTimers;
let jobs: InMemoryJobStore;
let content: InMemoryContent;
let pace: InMemoryReportPace;
let logger: RecordedLog;
let dependencies: JobDependencies;

beforeEach(async () => {
  clock = createManualClock();
  timers = createManualTimers(clock);
  jobs = createInMemoryJobStore();
  content = createInMemoryContent();
  logger = createRecordedLog();
  pace = createInMemoryReportPace();
  dependencies = {
    jobs,
    pace,
    summaries: createInMemorySummaries(),
    content,
    clock,
    timers,
    logger,
    ids: createCountedIds(),
    tenants: registryOf(sampleTenant()),
    dataSets: goodData,
    rules: { lease: 60_000, maxAttempts: 2, deadlineMargin: 90_000, retryAfter: 15_000 },
  };
  await jobs.place(demoTenant, job);
});

const work = (own: Partial<JobDependencies> = {}, remaining = minutes(5)) =>
  processJob({ ...dependencies, ...own }, message, remaining);
const now = (): Job => jobs.all()[0] as Job;

describe('a job that goes well', () => {
  test('ends DONE with a ZIP as version 2 whose bytes and SHA-256 are those in the record (I3)', async () => {
    expect(await work()).toBe('done');
    expect(now()).toMatchObject({ status: 'DONE', attempts: 1, ended: clock.now() });
    const [, version] = now().versions;
    expect(version).toMatchObject({ versionId: 2, contentType: 'application/gzip-json' });
    expect(version).not.toHaveProperty('source');
    const key = version?.content.kind === 'stored' ? version.content.key : '';
    expect(key).toBe(`demo/Binary/${job.binaryId}/2/id-1`);
    expect(Object.keys(unzipSync(content.objects.get(key) ?? new Uint8Array()))).toEqual([
      'PatientsUsageReport_2026_04_16_11_44_11/ReportHeader',
      'PatientsUsageReport_2026_04_16_11_44_11/PatientsUsageSummary/PatientsUsageSummary',
    ]);
  });
  test('leaves version 1 as it was (I2)', async () => {
    await work();
    expect(now().versions[0]).toEqual(job.versions[0]);
  });
  test('is told in the log without a patient (I9)', async () => {
    await work();
    expect(logger.of('JOB_DONE')).toMatchObject([{ tenant: 'demo', binaryId: job.binaryId, attempt: 1, episodes: 1 }]);
    expect(JSON.stringify(logger.entries)).not.toContain('planted-patient');
  });
});

describe('what a job is billed for', () => {
  const rules = { lease: 60_000, maxAttempts: 2, deadlineMargin: 90_000, retryAfter: 15_000, memory: 2048 };
  const taking = (millis: number, then: DataSetSource): DataSetSource => ({
    openCurrent: (...asked) => {
      clock.advance(millis);
      return then.openCurrent(...asked);
    },
  });
  test('is recorded with its end, failed attempts included, and told in the log', async () => {
    const changed: DataSetSource = { openCurrent: () => Promise.reject(new ServiceError('DATA_SET_CHANGED')) };
    await work({ rules, dataSets: taking(3000, changed) });
    expect(now()).toMatchObject({ status: 'QUEUED', billed: { milliseconds: 3000, gigabyteSeconds: 6 } });
    clock.advance(minutes(1));
    await work({ rules, dataSets: taking(1000, goodData) });
    expect(now()).toMatchObject({ status: 'DONE', billed: { milliseconds: 4000, gigabyteSeconds: 8 } });
    expect(logger.of('JOB_DONE')).toMatchObject([{ gigabyteSeconds: 8 }]);
  });
  test('is recorded also where the report fails', async () => {
    await work({ rules, dataSets: taking(1000, badData) });
    expect(now()).toMatchObject({ status: 'FAILED', billed: { milliseconds: 1000, gigabyteSeconds: 2 } });
  });
  test('is not recorded where nobody knows the memory', async () => {
    await work();
    expect(now()).not.toHaveProperty('billed');
  });
});

describe('the pace of reports', () => {
  const slowly = (millis: number): DataSetSource => ({
    openCurrent: (...asked) => {
      clock.advance(millis);
      return goodData.openCurrent(...asked);
    },
  });
  test('is noted with a report that goes well: how long it waited and how long it took', async () => {
    clock.advance(4000);
    await work({ dataSets: slowly(6000) });
    expect([...pace.items]).toEqual([
      ['demo#PatientsUsageReport', { generating: 6000, waiting: 4000, measured: clock.now() }],
    ]);
  });
  test('is not noted with one that fails', async () => {
    await work({ dataSets: badData });
    expect(pace.items.size).toBe(0);
  });
  test.each(['read', 'write'] as const)('that cannot be noted (%s) leaves the report DONE', async (method) => {
    const down = { ...pace, [method]: () => Promise.reject(new Error('planted-secret')) };
    expect(await work({ pace: down })).toBe('done');
    expect(now()).toMatchObject({ status: 'DONE' });
    expect(logger.of('PACE_NOT_WRITTEN')).toMatchObject([{ tenant: 'demo', binaryId: job.binaryId }]);
    expect(logger.of('JOB_OUTCOME_UNKNOWN')).toEqual([]);
    expect(JSON.stringify(logger.entries)).not.toContain('planted-secret');
  });
});

describe('messages', () => {
  test('A11: a message delivered twice has no second effect (I5)', async () => {
    await work();
    const done = now();
    clock.advance(minutes(3));
    expect(await work()).toBe('done');
    expect(now()).toEqual(done);
    expect(logger.of('JOB_NOT_CLAIMED')).toMatchObject([{ status: 'DONE' }]);
  });
  test('A12: of two workers on one message one makes the report (I5)', async () => {
    await Promise.all([work(), work()]);
    expect(now()).toMatchObject({ status: 'DONE', attempts: 1 });
    expect(content.objects.size).toBe(1);
  });
  test('A14: a message for a job that is not there goes back to the queue', async () => {
    const unknown = { tenantId: demoTenant, binaryId: sampleBinaryId('f') };
    expect(await processJob(dependencies, unknown, minutes(5))).toBe('retry');
  });
  test('a store that does not answer is an error, so that the queue delivers again', async () => {
    const down = { ...jobs, claim: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    await expect(work({ jobs: down })).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
    expect(now()).toEqual(job);
  });
});

describe('a job that fails', () => {
  test('for its data ends FAILED at once, with file and line in version 2 and no patient', async () => {
    expect(await work({ dataSets: badData })).toBe('done');
    expect(now()).toMatchObject({ status: 'FAILED', failure: { code: 'DATA_SET_MALFORMED' } });
    const [, version] = now().versions;
    expect(version).toMatchObject({ versionId: 2, contentType: 'application/fhir+json' });
    const text = version?.content.kind === 'inline' ? Buffer.from(version.content.base64, 'base64').toString() : '';
    const outcome = JSON.parse(text);
    expect(outcome.issue[0].details.coding[0].code).toBe('REPORTING_REPORT_GENERATION_FAILED');
    expect(outcome.issue[0].details.text).toContain('a.ndjson line 2');
    expect(text).not.toContain('planted-patient');
  });
  test('for a report that this version does not know ends FAILED', async () => {
    await jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId('2'), report: 'Unknown' }));
    await processJob(dependencies, { ...message, binaryId: sampleBinaryId('2') }, minutes(5));
    expect(jobs.all()[1]).toMatchObject({ status: 'FAILED', failure: { code: 'REPORT_UNKNOWN' } });
  });
  test('for a tenant that the worker does not know yet is tried again, and ends FAILED with that reason', async () => {
    await work({ tenants: registryOf() });
    expect(now()).toMatchObject({ status: 'QUEUED', attempts: 1 });
    clock.advance(15_000);
    await work({ tenants: registryOf() });
    expect(now()).toMatchObject({ status: 'FAILED', failure: { code: 'TENANT_UNUSABLE' } });
  });
  test('A27: is not even claimed where the function has no time left for it', async () => {
    expect(await work({}, 30_000)).toBe('retry');
    expect(now()).toEqual(job);
  });
  test('for a passing fault goes back to the queue after a pause, and ends FAILED with the last attempt (I8)', async () => {
    expect(await work({ dataSets: noData })).toBe('done');
    expect(now()).toMatchObject({ status: 'QUEUED', attempts: 1 });
    expect(now().due).toBeGreaterThanOrEqual(clock.now() + 7500);
    expect(now().due).toBeLessThanOrEqual(clock.now() + 15_000);
    expect(now().versions).toHaveLength(1);
    clock.advance(15_000);
    await work({ dataSets: noData });
    expect(now()).toMatchObject({ status: 'FAILED', attempts: 2, failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' } });
  });
  test('for a fault of our own goes back to the queue, and the log tells the class of the error only', async () => {
    const broken = { openCurrent: () => Promise.reject(new TypeError('Patient/planted-patient')) };
    await work({ dataSets: broken });
    expect(now().status).toBe('QUEUED');
    expect(logger.of('JOB_ATTEMPT_FAILED')).toMatchObject([{ errorName: 'TypeError' }]);
    expect(JSON.stringify(logger.entries)).not.toContain('planted-patient');
  });
  test('A27: because the function runs out of time goes back to the queue', async () => {
    const slow = { openCurrent: () => new Promise<never>(() => {}) };
    const working = work({ dataSets: slow }, 31_000);
    await timers.pass(1000);
    expect(await working).toBe('done');
    expect(now()).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });
});

describe('a worker that lost its lease', () => {
  test('A31, A33: stops, and what it stored stays unseen (I2, I5)', async () => {
    let goOn = () => {};
    const slow: DataSetSource = {
      openCurrent: async (tenantId, signal) => {
        await new Promise<void>((resolve) => (goOn = resolve));
        return goodData.openCurrent(tenantId, signal);
      },
    };
    // Frozen between its heartbeats: no timer of the first worker fires, and its lease runs out.
    const zombie = work({ dataSets: slow, timers: createManualTimers(createManualClock()) });
    await timers.pass(60_000);
    await work();
    const done = now();
    goOn();
    await zombie;
    expect(now()).toEqual(done);
    expect(done).toMatchObject({ status: 'DONE', attempts: 2 });
    expect(content.objects.size).toBe(2);
    expect(logger.of('JOB_LEASE_LOST')).toHaveLength(1);
  });
});

describe('a write that ends the job and gives no answer', () => {
  const applied = (store: JobStore): JobStore => ({
    ...store,
    complete: async (...call) => {
      await store.complete(...call);
      throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
    },
  });
  test('A34: is never taken for a failure: the job stays DONE', async () => {
    expect(await work({ jobs: applied(jobs) })).toBe('done');
    expect(now()).toMatchObject({ status: 'DONE', versions: [{ versionId: 1 }, { versionId: 2 }] });
    expect(logger.of('JOB_OUTCOME_UNKNOWN')).toHaveLength(1);
  });
  test('that was not applied leaves the job to its lease, and the next worker ends it', async () => {
    const down = { ...jobs, complete: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    await work({ jobs: down });
    expect(now()).toMatchObject({ status: 'RUNNING', attempts: 1 });
    clock.advance(60_000);
    await work();
    expect(now()).toMatchObject({ status: 'DONE', attempts: 2 });
  });
});

describe('bytes come before the record (I3)', () => {
  test('a job is not DONE before its bytes are stored', async () => {
    let finish = () => {};
    let working: Promise<unknown> = Promise.resolve();
    await new Promise<void>((begun) => {
      const put = () => {
        begun();
        return new Promise<void>((resolve) => (finish = resolve));
      };
      working = work({ content: { ...content, put } });
    });
    await timers.pass(0);
    expect(now()).toMatchObject({ status: 'RUNNING', versions: [{ versionId: 1 }] });
    finish();
    await working;
    expect(now().status).toBe('DONE');
  });
  test('a job whose bytes could not be stored is tried again', async () => {
    const down = { ...content, put: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    expect(await work({ content: down })).toBe('done');
    expect(now()).toMatchObject({ status: 'QUEUED', attempts: 1, versions: [{ versionId: 1 }] });
    expect(logger.of('JOB_DONE')).toEqual([]);
  });
});

describe('a lease that is lost on the way', () => {
  test('A35: stops the reading of data, and the attempt is neither given back nor told as failed', async () => {
    let aborted: AbortSignal | undefined;
    const slow: DataSetSource = {
      openCurrent: (_tenantId, signal) => {
        aborted = signal;
        return new Promise<never>(() => {});
      },
    };
    let given = 0;
    const relinquish: JobStore['relinquish'] = (...call) => {
      given += 1;
      return jobs.relinquish(...call);
    };
    const working = work({ dataSets: slow, jobs: { ...jobs, relinquish } });
    await timers.pass(0);
    expect(aborted?.aborted).toBe(false);
    await jobs.redrive(demoTenant, now(), clock.now() + minutes(5));
    await timers.pass(20_000);
    expect(await working).toBe('done');
    expect([aborted?.aborted, given]).toEqual([true, 0]);
    expect(logger.of('JOB_LEASE_LOST')).toHaveLength(1);
    expect(logger.of('JOB_ATTEMPT_FAILED')).toEqual([]);
  });
  test("makes a failure that is found after it nobody's: the job is as the other left it", async () => {
    const late: DataSetSource = {
      openCurrent: async (...asked) => {
        await jobs.redrive(demoTenant, now(), clock.now() + minutes(5));
        return badData.openCurrent(...asked);
      },
    };
    await work({ dataSets: late });
    expect(now()).toMatchObject({ status: 'QUEUED', redrives: 1 });
    expect(logger.of('JOB_LEASE_LOST')).toHaveLength(1);
    expect(logger.of('JOB_FAILED')).toEqual([]);
  });
});

describe('the upload of an attempt that is over', () => {
  const overs = {
    'its Binary was deleted': async () => {
      await jobs.remove(demoTenant, now(), { deletedAt: clock.now(), due: clock.now() + minutes(16) });
      await timers.pass(20_000);
    },
    'its time is over': () => timers.pass(minutes(5)),
  };
  test.each(Object.entries(overs))('is broken off before the worker answers: %s (I12)', async (_what, makeOver) => {
    let working: Promise<unknown> = Promise.resolve();
    const given = await new Promise<AbortSignal>((begin) => {
      const put: JobDependencies['content']['put'] = (_tenantId, _content, signal) => {
        begin(signal);
        return new Promise<never>(() => {});
      };
      working = work({ content: { put } });
    });
    expect(given.aborted).toBe(false);
    await makeOver();
    expect(await working).toBe('done');
    expect(given.aborted).toBe(true);
  });
});
