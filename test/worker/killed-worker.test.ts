import { beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../functions/binaries/binary.ts';
import { redriveStaleJobs } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { DataSetFile } from '../../functions/episodes/data-set.ts';
import type { Job } from '../../functions/jobs/job.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { type JobDependencies, processJob } from '../../functions/worker/process-job.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { noImports } from '../support/sample-import.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

const line = `${JSON.stringify({
  resourceType: 'EpisodeOfCare',
  status: 'active',
  patient: { reference: 'Patient/planted-patient' },
  statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
})}\n`;
const file = fileInMemory('a.ndjson', line.repeat(3), {}, line.length);
const dataSets = dataSetInMemory('2026-04-01T00:00:00Z', [file]);
const rules = { lease: 60_000, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000, requeueAfter: 60_000 };
const job = sampleJob();
let clock: ManualClock;
let jobs: InMemoryJobStore;
let content: InMemoryContent;
let worker: JobDependencies;

beforeEach(async () => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  content = createInMemoryContent();
  worker = {
    jobs,
    content,
    dataSets,
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(sampleTenant()),
    clock,
    // No heartbeat: who is dead prolongs nothing.
    timers: createManualTimers(createManualClock()),
    ids: createCountedIds(),
    logger: createRecordedLog(),
    rules,
  };
  await jobs.place(demoTenant, job);
});

const now = () => jobs.all()[0] as Job;
const work = (own: Partial<JobDependencies> = {}) =>
  processJob({ ...worker, ...own }, { tenantId: demoTenant, binaryId: job.binaryId }, 300_000);

/** Runs a worker until it reaches the call at which it dies: a call that never comes back. */
const die = (at: (dead: () => Promise<never>) => Partial<JobDependencies>): Promise<void> =>
  new Promise((resolve) => {
    const dead = () => {
      resolve();
      return new Promise<never>(() => {});
    };
    void work(at(dead));
  });
/** The tick after the lease has run out, and the worker that its message wakes. */
const goOn = async () => {
  clock.advance(60_000);
  const queued: string[] = [];
  const queue = { send: async (_tenantId: unknown, binaryId: string) => void queued.push(binaryId) };
  await redriveStaleJobs({
    ...worker,
    rules,
    imports: noImports,
    openJobs: jobs,
    queue,
    eraser: content,
    jobsPerTick: 100,
  });
  for (const _ of queued) await work();
  return queued.length;
};

const store = (own: (jobs: JobStore) => Partial<JobStore>) => ({ jobs: { ...jobs, ...own(jobs) } });
const reading = (read: DataSetFile['read']) => ({
  dataSets: dataSetInMemory('2026-04-01T00:00:00Z', [{ ...file, read }]),
});

/** Where the worker dies, how often the job is tried in all, and how many objects of it there are then. */
const deaths: readonly (readonly [
  string,
  (dead: () => Promise<never>) => Partial<JobDependencies>,
  { readonly attempts: number; readonly objects: number },
])[] = [
  ['A20: before it has a lease', (dead) => store(() => ({ claim: dead })), { attempts: 1, objects: 1 }],
  [
    'A21: with the lease just taken',
    (dead) => store(({ claim }) => ({ claim: (...call) => claim(...call).then(dead) })),
    { attempts: 2, objects: 1 },
  ],
  [
    'A22: with the source read',
    (dead) =>
      reading(async function* (signal) {
        yield* file.read(signal);
        await dead();
      }),
    { attempts: 2, objects: 1 },
  ],
  [
    'A23: amid its computation',
    (dead) =>
      reading(async function* (signal) {
        for await (const chunk of file.read(signal)) {
          yield chunk;
          await dead();
        }
      }),
    { attempts: 2, objects: 1 },
  ],
  ['A24: amid storing the report', (dead) => ({ content: { ...content, put: dead } }), { attempts: 2, objects: 1 }],
  [
    'A25: with the report stored and not recorded',
    (dead) => store(() => ({ complete: dead })),
    { attempts: 2, objects: 2 },
  ],
];

describe('a worker that dies', () => {
  test.each(deaths)(
    '%s, is followed by another, whose report is the only one (I1, I2, I5)',
    async (_where, at, then) => {
      await die(at);
      expect(now().versions).toHaveLength(1);
      expect(await goOn()).toBe(1);
      expect(now()).toMatchObject({ status: 'DONE', attempts: then.attempts, redrives: 1 });
      expect(now().versions).toHaveLength(2);
      expect(content.objects.size).toBe(then.objects);
    },
  );
  test('A26: with the job recorded and its message not acknowledged, has done its work: nothing more is done', async () => {
    await die((dead) => store(({ complete }) => ({ complete: (...call) => complete(...call).then(dead) })));
    const done = now();
    expect(done).toMatchObject({ status: 'DONE', attempts: 1 });
    expect(await goOn()).toBe(0);
    expect(await work()).toBe('done');
    expect(now()).toEqual(done);
    expect(content.objects.size).toBe(1);
  });
  test('A28: each time, ends the job FAILED once its attempts are used up (I8)', async () => {
    for (let attempt = 1; attempt <= rules.maxAttempts; attempt += 1) {
      await die((dead) => ({ content: { ...content, put: dead } }));
      expect(now()).toMatchObject({ status: 'RUNNING', attempts: attempt });
      clock.advance(60_000);
    }
    expect(await goOn()).toBe(0);
    expect(now()).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' } });
  });
});

test('A33: of two attempts that make different bytes the record names one, with its key and its SHA-256', async () => {
  await die((dead) => store(() => ({ complete: dead })));
  // The report tells when it was made, so the second one differs.
  await goOn();
  const [, version] = now().versions;
  const [first, second] = [...content.objects];
  expect(first?.[1]).not.toEqual(second?.[1]);
  expect(version?.content).toEqual({ kind: 'stored', key: second?.[0] });
  expect(version?.sha256).toBe(sha256Hex(second?.[1] ?? new Uint8Array()));
});

describe('A32: a clock that jumps while a report is made', () => {
  test.each([-45_000, 45_000, -3_600_000, 600_000])(
    'by %i ms does not keep it from being completed',
    async (millis) => {
      const put: InMemoryContent['put'] = async (...call) => {
        await content.put(...call);
        clock.advance(millis);
      };
      await work({ content: { ...content, put } });
      expect(now()).toMatchObject({ status: 'DONE', attempts: 1 });
    },
  );
  test('past the end of the lease loses the job to whoever takes it, never to two (I5)', async () => {
    const put: InMemoryContent['put'] = async (...call) => {
      await content.put(...call);
      clock.advance(60_000);
      await work();
    };
    await work({ content: { ...content, put } });
    expect(now()).toMatchObject({ status: 'DONE', attempts: 2 });
    expect(now().versions).toHaveLength(2);
    expect(now().versions[1]?.content).toMatchObject({ key: expect.stringMatching(/id-2$/) });
  });
});

describe('A13: a message that comes late', () => {
  test.each(['DONE', 'FAILED', 'CANCELLED'] as const)('to a job that is %s does nothing (I7)', async (status) => {
    const failure = { code: 'DATA_SET_MISSING', cause: 'There is no data set.' } as const;
    if (status === 'DONE') await work();
    if (status === 'FAILED') {
      const version = { ...(job.versions[0] as Job['versions'][number]), versionId: 2 };
      const ending = { version, ended: clock.now(), failure };
      await jobs.fail(demoTenant, job.binaryId, { by: 'dispatcher', seen: job }, ending);
    }
    if (status === 'CANCELLED') await jobs.remove(demoTenant, job, { deletedAt: clock.now(), due: clock.now() });
    const ended = now();
    expect(ended.status).toBe(status);
    clock.advance(14 * 24 * 3_600_000);
    expect(await work()).toBe('done');
    expect(now()).toEqual(ended);
  });
});

describe('A53: a Binary that is deleted while its report is made', () => {
  test('stays deleted, and what was stored late is erased (I7, I12)', async () => {
    const put: InMemoryContent['put'] = async (...call) => {
      const seen = now();
      await jobs.remove(demoTenant, seen, { deletedAt: clock.now(), due: clock.now() + 60_000 });
      await content.eraseAll(demoTenant, seen.binaryId);
      await content.put(...call);
    };
    expect(await work({ content: { ...content, put } })).toBe('done');
    expect(now()).toMatchObject({ status: 'CANCELLED', versions: [] });
    expect(content.objects.size).toBe(1);
    await goOn();
    expect(content.objects.size).toBe(0);
    expect(now()).toMatchObject({ status: 'CANCELLED', versions: [] });
  });
});

describe('A29: a worker that has no disk or no file handles left', () => {
  test.each(['ENOSPC', 'EMFILE'])('(%s) gives the attempt back, a bounded number of times (I8)', async (code) => {
    const openCurrent = () => Promise.reject(Object.assign(new Error(code), { code }));
    for (let attempt = 1; attempt < rules.maxAttempts; attempt += 1) {
      expect(await work({ dataSets: { openCurrent } })).toBe('done');
      expect(now()).toMatchObject({ status: 'QUEUED', attempts: attempt });
      expect(now().versions).toHaveLength(1);
      clock.advance((now().due ?? 0) - clock.now());
    }
    await work({ dataSets: { openCurrent } });
    expect(now()).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' } });
  });
});
