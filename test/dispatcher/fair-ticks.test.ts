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

/** A tick at each full minute, or as soon as the one before has ended. */
const tickUntil = async (end: number, own: Partial<TickDependencies>) => {
  const minutesSince = Math.floor((clock.now() - sampleTime) / minute);
  for (let next = sampleTime + (minutesSince + 1) * minute; next <= end; next += minute) {
    clock.advance(Math.max(next - clock.now(), 0));
    await redriveStaleJobs({ ...dependencies, ...own });
  }
};

describe('a queue that takes its messages', () => {
  /** A worker has each job as soon as its message is there, for as long as this is about. */
  const createTaken = (millis: number) => {
    const hang = createHang(millis, true);
    return async (...[tenantId, binaryId]: Parameters<TickDependencies['queue']['send']>) => {
      await hang();
      const lease = { token: 'a', until: clock.now() + 5 * minute };
      await jobs.claim(tenantId, binaryId, { lease, now: clock.now(), maxAttempts: 4, deadlineMargin: 0 });
      sent.push(tenantId);
    };
  };
  const placeLost = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      await jobs.place(
        busy,
        sampleJob({ tenantId: busy, binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n }),
      );
    }
    await jobs.place(quiet, sampleJob({ tenantId: quiet, due: sampleTime }));
  };

  test.each([15, 100, 150])(
    'is never given up: thousands of messages of %i ms go out in the tick that they are due in',
    async (millis) => {
      await placeLost(2000);
      const summary = await redriveStaleJobs({ ...dependencies, queue: { send: createTaken(millis) } });
      expect(summary).toMatchObject({ due: 2001, requeued: 2001, unsent: 0 });
    },
  );
  test("I1: lets no order of thousands whose message was lost end without one, nor another tenant's behind them", async () => {
    await placeLost(5000);
    await tickUntil(sampleTime + 3 * minute, { queue: { send: createTaken(108) } });
    expect(sent).toHaveLength(5001);
    expect(jobs.all().every(({ status }) => status === 'RUNNING')).toBe(true);
  });
  test.each([300, 600, 900])(
    'I1: keeps nobody from being ended in time who stands behind thousands of its messages of %i ms',
    async (millis) => {
      dependencies = { ...dependencies, rules: { ...dependencies.rules, deadlineMargin: 3 * minute } };
      const hours = { mode: 'schedule', deadline: sampleTime + 300 * minute } as const;
      for (let n = 0; n < 5000; n += 1) {
        const binaryId = sampleBinaryId(n.toString(16));
        await jobs.place(busy, sampleJob({ ...hours, tenantId: busy, binaryId, due: sampleTime - n }));
      }
      const lost = sampleJob({
        tenantId: quiet,
        status: 'RUNNING',
        attempts: 1,
        lease: { token: 'of a worker that died', until: sampleTime },
        due: sampleTime,
        deadline: sampleTime + 4 * minute,
      });
      await jobs.place(quiet, lost);
      await tickUntil(lost.deadline - 90_000, { queue: { send: createTaken(millis) } });
      expect(await jobs.read(quiet, lost.binaryId)).toMatchObject({ status: 'FAILED' });
    },
  );
  test('is tried by every tick while it is slow: what it did not get of one tick is due at the next', async () => {
    await placeLost(400);
    const counts: number[] = [];
    for (let tick = 1; tick <= 4; tick += 1) {
      await tickUntil(sampleTime + tick * minute, { queue: { send: createTaken(3000) } });
      counts.push(sent.length);
    }
    for (const [index, count] of counts.entries()) expect(count).toBeGreaterThan(counts[index - 1] ?? 0);
  });
});

describe('a queue or an S3 that hangs, and hundreds of jobs with hours left', () => {
  beforeEach(() => {
    dependencies = { ...dependencies, jobsPerTick: 80 };
  });
  const hours = { mode: 'schedule', deadline: sampleTime + 300 * minute } as const;
  const placeMany = async (own: Partial<Job>) => {
    for (let n = 0; n < 400; n += 1) {
      await jobs.place(
        busy,
        sampleJob({ ...hours, ...own, tenantId: busy, binaryId: sampleBinaryId(n.toString(16)), due: sampleTime - n }),
      );
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
    await tickUntil(sampleTime + 6 * minute, {});
    expect(sent).toHaveLength(400);
  });
  test('are released all the same, and their messages follow when it is back', async () => {
    await placeMany({ releaseAt: sampleTime });
    clock.advance(minute);
    const summary = await redriveStaleJobs({ ...dependencies, queue: { send: createHang() } });
    expect(summary).toMatchObject({ due: 400, released: 0, unsent: 400, failed: 0 });
    expect(jobs.all().every(({ releaseAt: at }) => at === undefined)).toBe(true);
    await tickUntil(clock.now() + minute, {});
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
    const summary = await redriveStaleJobs({ ...dependencies, eraser });
    expect(summary).toMatchObject({ requeued: 400, swept: 0, failed: 10 });
  });
});
