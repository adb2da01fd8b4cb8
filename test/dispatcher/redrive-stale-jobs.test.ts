import { beforeEach, describe, expect, test } from 'vitest';
import { contentKey } from '../../functions/binaries/binary.ts';
import { redriveStaleJobs, type TickDependencies } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import { type Job, sweepAfter } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { noImports } from '../support/sample-import.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
let clock: ManualClock;
let jobs: InMemoryJobStore;
let content: InMemoryContent;
let sent: string[];
let dependencies: TickDependencies;

beforeEach(() => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  content = createInMemoryContent();
  sent = [];
  dependencies = {
    imports: noImports,
    jobs,
    openJobs: jobs,
    queue: { send: async (_tenantId, binaryId) => void sent.push(binaryId) },
    eraser: content,
    clock,
    ids: createCountedIds(),
    logger: createRecordedLog(),
    rules: { maxAttempts: 4, requeueAfter: minute, deadlineMargin: 90_000 },
    jobsPerTick: 100,
  };
});

const place = async (own: Partial<Job> = {}) => {
  const job = sampleJob(own);
  await jobs.place(demoTenant, job);
  return job;
};
const tick = (own: Partial<TickDependencies> = {}) => redriveStaleJobs({ ...dependencies, ...own });
const first = () => jobs.all()[0] as Job;

describe('a tick', () => {
  test('leaves jobs alone that are not due', async () => {
    await place();
    expect(await tick()).toEqual({
      due: 0,
      released: 0,
      postponed: 0,
      requeued: 0,
      unsent: 0,
      ended: 0,
      swept: 0,
      skipped: 0,
      failed: 0,
    });
  });
  test('A46: after hours without any ends what is out of time and goes on with everything else at once', async () => {
    const hour = 60 * minute;
    const late = await place();
    const night = { mode: 'schedule', releaseAt: sampleTime + hour, due: sampleTime + hour } as const;
    const waiting = await place({ ...night, binaryId: sampleBinaryId('2'), deadline: sampleTime + 9 * hour });
    const dead = await place({ binaryId: sampleBinaryId('3'), deadline: sampleTime + 9 * hour });
    const lease = { token: 'dead', until: sampleTime + minute };
    await jobs.claim(demoTenant, dead.binaryId, { lease, now: sampleTime, maxAttempts: 4, deadlineMargin: 90_000 });
    clock.advance(6 * hour);
    expect(await tick()).toMatchObject({ due: 3, released: 1, requeued: 1, ended: 1 });
    expect(await jobs.read(demoTenant, late.binaryId)).toMatchObject({ status: 'FAILED' });
    expect([...sent].sort()).toEqual([waiting.binaryId, dead.binaryId]);
  });
  test('A3: queues a job again whose message was lost, and looks at it later each time', async () => {
    const { binaryId } = await place();
    const looks: number[] = [];
    for (let at = 1; at <= 10; at += 1) {
      clock.advance(minute);
      if ((await tick()).requeued > 0) looks.push(at);
    }
    // A minute, then one to two, then two to four: the job decides where between.
    expect(looks).toEqual([1, 3, 6]);
    expect(sent).toEqual([binaryId, binaryId, binaryId]);
  });
  test('queues a job again whose worker died, and keeps its attempts', async () => {
    await place({ status: 'RUNNING', attempts: 1, lease: { token: 'a', until: sampleTime }, due: sampleTime });
    expect(await tick()).toMatchObject({ requeued: 1 });
    expect(first()).toMatchObject({ status: 'QUEUED', attempts: 1, redrives: 1 });
  });
  test('ends a job past its attempts, with the reason as version 2 (I1)', async () => {
    await place({ status: 'RUNNING', attempts: 4, lease: { token: 'a', until: sampleTime }, due: sampleTime });
    expect(await tick()).toMatchObject({ ended: 1 });
    expect(first()).toMatchObject({
      status: 'FAILED',
      failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' },
      ended: clock.now(),
    });
    expect(first().versions[1]).toMatchObject({ versionId: 2, contentType: 'application/fhir+json' });
    expect(sent).toEqual([]);
  });
  test('with ticks a minute apart every job has ended by its deadline, whatever happens to its messages (I1)', async () => {
    const { deadline } = await place();
    while (clock.now() <= deadline - minute) {
      clock.advance(minute);
      await tick();
    }
    expect(first()).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_DEADLINE_PASSED' } });
    expect(first().ended).toBeLessThanOrEqual(deadline);
  });
  test('A10: a queue that refuses leaves the job to a later tick', async () => {
    await place();
    clock.advance(minute);
    const down = { send: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    expect(await tick({ queue: down })).toMatchObject({ unsent: 1, requeued: 0, failed: 0 });
    clock.advance(2 * minute);
    expect(await tick()).toMatchObject({ requeued: 1 });
  });
  test('A48: an index that is late does no harm', async () => {
    const stale = await place();
    clock.advance(minute);
    await tick();
    const before = first();
    expect(await tick({ openJobs: { findDue: async () => [stale] } })).toMatchObject({ skipped: 1 });
    expect(first()).toEqual(before);
    expect(sent).toHaveLength(1);
  });
  test('a job that ended by itself meanwhile is not counted or told as ended', async () => {
    const stale = await place();
    await jobs.remove(demoTenant, stale, { deletedAt: clock.now(), due: clock.now() + sweepAfter });
    clock.advance(15 * minute);
    const logger = createRecordedLog();
    const summary = await tick({ logger, openJobs: { findDue: async () => [stale] } });
    expect(summary).toMatchObject({ ended: 0, skipped: 1 });
    expect(logger.of('JOB_FAILED')).toEqual([]);
    expect(first().status).toBe('CANCELLED');
  });
  test("one job's failure stops no other", async () => {
    const broken = await place({ binaryId: sampleBinaryId('1') });
    await place({ binaryId: sampleBinaryId('2') });
    clock.advance(minute);
    const redrive: InMemoryJobStore['redrive'] = (tenantId, seen, due) =>
      seen.binaryId === broken.binaryId ? Promise.reject(new Error('x')) : jobs.redrive(tenantId, seen, due);
    expect(await tick({ jobs: { ...jobs, redrive } })).toMatchObject({ failed: 1, requeued: 1 });
  });
  test('A49: takes no more jobs than it may, the oldest first, and the rest at the next tick', async () => {
    for (let n = 0; n < 25; n += 1) await place({ binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n });
    const slow: TickDependencies['openJobs'] = {
      findDue: async (...asked) => {
        clock.advance(25_000);
        return jobs.findDue(...asked);
      },
    };
    expect(await tick({ jobsPerTick: 8, openJobs: slow })).toMatchObject({ due: 8, requeued: 8 });
    expect(sent.toSorted()).toEqual(Array.from({ length: 8 }, (_, n) => sampleBinaryId((17 + n).toString(16))));
    expect(await tick({ jobsPerTick: 100 })).toMatchObject({ due: 17, requeued: 17 });
  });
  test('goes on in rounds while there is more and time is left', async () => {
    for (let n = 0; n < 25; n += 1) await place({ binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n });
    expect(await tick({ jobsPerTick: 10 })).toMatchObject({ due: 25, requeued: 25 });
  });
  test('does not go round in circles over jobs that it cannot deal with', async () => {
    for (let n = 0; n < 10; n += 1) await place({ binaryId: sampleBinaryId(n.toString(16)), due: sampleTime });
    const redrive = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(await tick({ jobsPerTick: 10, jobs: { ...jobs, redrive } })).toMatchObject({ due: 10, failed: 10 });
  });
  test('ends jobs before anything else, so that a queue that hangs costs no deadline (I1)', async () => {
    const ends = await place({ binaryId: sampleBinaryId('1'), deadline: sampleTime + minute, due: sampleTime });
    for (let n = 2; n < 40; n += 1) await place({ binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n });
    const order: string[] = [];
    const fail: InMemoryJobStore['fail'] = (...given) => {
      order.push('end');
      return jobs.fail(...given);
    };
    const redrive: InMemoryJobStore['redrive'] = (...given) => {
      order.push('redrive');
      return jobs.redrive(...given);
    };
    await tick({ jobs: { ...jobs, fail, redrive } });
    expect(order[0]).toBe('end');
    expect((await jobs.read(demoTenant, ends.binaryId))?.status).toBe('FAILED');
  });
  test('A55: jobs in a status that only a later version knows never stand before one that has to end (I1)', async () => {
    const paused = { status: 'PAUSED' } as unknown as Partial<Job>;
    for (let n = 1; n <= 50; n += 1) await place({ ...paused, binaryId: sampleBinaryId(`${n.toString(16)}1`) });
    const { binaryId } = await place({ deadline: sampleTime + 2 * minute, due: sampleTime + minute });
    clock.advance(minute);
    expect(await tick({ jobsPerTick: 80 })).toMatchObject({ ended: 1, skipped: 50 });
    expect((await jobs.read(demoTenant, binaryId))?.status).toBe('FAILED');
  });
  test('deleted Binaries whose sweep fails for hours never stand before jobs that have to end (I1)', async () => {
    for (let n = 0; n < 50; n += 1) {
      const job = await place({ binaryId: sampleBinaryId(n.toString(16)) });
      await jobs.remove(demoTenant, job, { deletedAt: sampleTime, due: sampleTime });
    }
    const { binaryId } = await place({ binaryId: sampleBinaryId('fff') });
    clock.advance(minute);
    const eraser = { eraseAll: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    await tick({ eraser, jobsPerTick: 10 });
    expect(sent).toEqual([binaryId]);
  });
  test('A10: a queue that is down does not make the pause grow: its job goes out soon after it is back', async () => {
    const { binaryId } = await place();
    const down = { send: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    for (let at = 1; at <= 7; at += 1) {
      clock.advance(minute);
      await tick({ queue: down });
    }
    expect(first()).toMatchObject({ status: 'QUEUED', redrives: 0 });
    clock.advance(minute);
    await tick();
    expect(sent).toEqual([binaryId]);
  });
  test('A53: sweeps what a worker stored late for a deleted Binary, once, and then forgets it (I12)', async () => {
    const job = await place({ status: 'RUNNING', attempts: 1, lease: { token: 'a', until: sampleTime + minute } });
    await jobs.remove(demoTenant, job, { deletedAt: sampleTime, due: sampleTime + sweepAfter });
    const late = { key: contentKey(demoTenant, job.binaryId, 2, 'a'), contentType: 'x', bytes: new Uint8Array(1) };
    const other = { ...late, key: contentKey(demoTenant, sampleBinaryId('9'), 2, 'a') };
    for (const bytes of [late, other]) await content.put(demoTenant, bytes);
    clock.advance(sweepAfter - 1);
    expect(await tick()).toMatchObject({ due: 0 });
    clock.advance(1);
    expect(await tick()).toMatchObject({ due: 1, swept: 1 });
    expect([...content.objects.keys()]).toEqual([other.key]);
    expect(await tick()).toMatchObject({ due: 0 });
  });
  test('two hundred sweeps that hang end no tick: it begins none after 35 s, and comes to its end', async () => {
    for (let n = 0; n < 200; n += 1) {
      const job = await place({ binaryId: sampleBinaryId(n.toString(16)) });
      await jobs.remove(demoTenant, job, { deletedAt: sampleTime, due: sampleTime });
    }
    const begun = clock.now();
    const begins: number[] = [];
    // Sixteen side by side that each hang for 12 s, three tries of S3's 4 s.
    const eraseAll = async () => {
      begins.push(clock.now() - begun);
      clock.advance(12_000 / 16);
      throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
    };
    const { due, failed } = await tick({ eraser: { eraseAll } });
    expect([due, failed]).toEqual([200 - 96, begins.length]);
    expect(failed).toBeLessThan(due);
    expect(Math.max(...begins)).toBeLessThan(35_000);
    expect(await tick()).toMatchObject({ swept: 104 });
  });
  test('a sweep that fails is tried again at the next tick', async () => {
    const job = await place();
    await jobs.remove(demoTenant, job, { deletedAt: sampleTime, due: sampleTime });
    const eraser = { eraseAll: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    expect(await tick({ eraser })).toMatchObject({ failed: 1 });
    expect(await tick()).toMatchObject({ swept: 1 });
  });
});
