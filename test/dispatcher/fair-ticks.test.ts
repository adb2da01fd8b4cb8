import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { redriveStaleJobs, type TickDependencies } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { noImports } from '../support/sample-import.ts';
import { sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const busy = restoreTenantId('busy');
const quiet = restoreTenantId('quiet');
const minute = 60_000;
const releaseAt = sampleTime + minute;
const scheduled = { mode: 'schedule', releaseAt, deadline: sampleTime + 60 * minute } as const;

let clock: ManualClock;
let jobs: InMemoryJobStore;
let sent: string[];
let dependencies: TickDependencies;

beforeEach(() => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  sent = [];
  dependencies = {
    imports: noImports,
    jobs,
    openJobs: jobs,
    queue: { send: async (tenantId) => void sent.push(tenantId) },
    eraser: createInMemoryContent(),
    clock,
    ids: createCountedIds(),
    logger: createRecordedLog(),
    rules: { maxAttempts: 4, requeueAfter: minute, deadlineMargin: 90_000 },
    jobsPerTick: 800,
  };
});

/** A thousand jobs of the busy tenant that are due, and after all of them one of the quiet tenant. */
const place = async (own: Partial<Job>) => {
  for (let n = 0; n < 1000; n += 1) {
    await jobs.place(
      busy,
      sampleJob({ ...own, tenantId: busy, binaryId: sampleBinaryId(n.toString(16)), due: sampleTime + n }),
    );
  }
  await jobs.place(quiet, sampleJob({ ...own, tenantId: quiet, due: sampleTime + 1000 }));
  clock.advance(minute);
};

describe("a tenant's thousand jobs that are due", () => {
  test.each([
    ['lost messages', {}, { requeued: 1001 }],
    ['released at night', scheduled, { released: 1001 }],
    ['past their deadline', { deadline: sampleTime + minute }, { ended: 1001 }],
  ])("H66: keep another's one waiting for no tick: %s", async (_what, own, counts) => {
    await place(own);
    expect(await redriveStaleJobs(dependencies)).toMatchObject({ due: 1001, ...counts });
    expect(
      jobs.all().filter(({ tenantId, due }) => tenantId === quiet && (due ?? Number.POSITIVE_INFINITY) <= clock.now()),
    ).toEqual([]);
  });
  test("H66: stand in the queue behind another's first that was found with them", async () => {
    await place({});
    await redriveStaleJobs({ ...dependencies, jobsPerTick: 8008 });
    expect(sent.indexOf(quiet)).toBeLessThanOrEqual(1);
  });
  test('H66: and of three tenants each has its turn', async () => {
    const third = restoreTenantId('third');
    for (const [tenantId, count] of [
      [busy, 3],
      [third, 2],
      [quiet, 1],
    ] as const) {
      for (let n = 0; n < count; n += 1) {
        await jobs.place(
          tenantId,
          sampleJob({ tenantId, binaryId: sampleBinaryId(String(n)), due: sampleTime - 10 * count + n }),
        );
      }
    }
    await redriveStaleJobs(dependencies);
    expect(sent).toEqual([busy, third, quiet, busy, third, busy]);
  });
  test('H66: of which an index with uneven shards shows a part are gone on with in the same tick', async () => {
    await place({});
    // Seven shards of the eight are nearly empty: the list is far shorter than the limit, and there is more all the same.
    const openJobs: TickDependencies['openJobs'] = { findDue: (now, limit) => jobs.findDue(now, limit / 8) };
    expect(await redriveStaleJobs({ ...dependencies, openJobs })).toMatchObject({ due: 1001, requeued: 1001 });
  });
});

describe('a queue or an S3 that hangs, and hundreds of jobs with hours left', () => {
  /** What is asked of it at the same time is done or fails at the same time: by default after 12 s, three tries of some 4 s. */
  const createHang = (millis = 12_000, isDone = false) => {
    const waiting: (() => void)[] = [];
    const answer = () => {
      clock.advance(millis);
      for (const settle of waiting.splice(0)) settle();
    };
    return () =>
      new Promise<void>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(answer);
        waiting.push(isDone ? resolve : () => reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')));
      });
  };
  const hours = { mode: 'schedule', deadline: sampleTime + 300 * minute } as const;
  const placeMany = async (own: Partial<Job>) => {
    for (let n = 0; n < 400; n += 1) {
      await jobs.place(
        busy,
        sampleJob({ ...hours, ...own, tenantId: busy, binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n }),
      );
    }
  };
  /** A tick a minute, or as soon as the one before has ended. */
  const tickUntil = async (end: number, own: Partial<TickDependencies>) => {
    for (let next = clock.now() + minute; next <= end; next += minute) {
      clock.advance(Math.max(next - clock.now(), 0));
      await redriveStaleJobs({ ...dependencies, jobsPerTick: 80, ...own });
    }
  };

  test.each([
    ['hangs', () => createHang()],
    ['refuses after a while', () => createHang(300)],
    ['refuses at once', () => createHang(0)],
    ['takes them slowly', () => createHang(3000, true)],
  ])(
    "I1: do not stand before another's order, which is ended in its time, when the queue %s",
    async (_what, create) => {
      await placeMany({});
      const order = sampleJob({ tenantId: quiet });
      await jobs.place(quiet, order);
      await tickUntil(order.deadline - minute, { queue: { send: create() } });
      expect(await jobs.read(quiet, order.binaryId)).toMatchObject({ failure: { code: 'JOB_DEADLINE_PASSED' } });
      expect(jobs.all().filter(({ status }) => status === 'QUEUED')).toHaveLength(400);
    },
  );
  test('A10: are queued, each once, when it is back, as if it had never been away', async () => {
    await placeMany({});
    await tickUntil(sampleTime + 5 * minute, { queue: { send: createHang() } });
    expect(jobs.all().every(({ redrives }) => redrives === 0)).toBe(true);
    await tickUntil(sampleTime + 7 * minute, {});
    expect(sent).toHaveLength(400);
  });
  test('are released all the same, and their messages follow when it is back', async () => {
    await placeMany({ releaseAt: sampleTime });
    clock.advance(minute);
    const summary = await redriveStaleJobs({ ...dependencies, jobsPerTick: 80, queue: { send: createHang() } });
    expect(summary).toMatchObject({ due: 400, released: 0, unsent: 400, failed: 0 });
    expect(jobs.all().every(({ releaseAt: at }) => at === undefined)).toBe(true);
    await tickUntil(clock.now() + 2 * minute, {});
    expect(sent).toHaveLength(400);
  });
  test('I1: nor does an S3 that hangs while deleted Binaries wait for their sweep: sweeps come after all else', async () => {
    await placeMany({});
    for (let n = 0; n < 20; n += 1) {
      const binaryId = sampleBinaryId(`f${n.toString(16)}0`);
      await jobs.place(quiet, sampleJob({ tenantId: quiet, binaryId, deletedAt: sampleTime, due: sampleTime }));
    }
    clock.advance(minute);
    const eraser = { eraseAll: createHang() };
    const summary = await redriveStaleJobs({ ...dependencies, jobsPerTick: 80, eraser });
    expect(summary).toMatchObject({ requeued: 400, swept: 0, failed: 10 });
  });
});
