import { beforeEach, describe, expect, test } from 'vitest';
import { redriveStaleJobs, type TickDependencies } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryImportStore, type InMemoryImportStore } from '../support/in-memory-import-store.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { sampleImport } from '../support/sample-import.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
const hour = 60 * minute;
const releaseAt = sampleTime + 12 * hour;
let clock: ManualClock;
let jobs: InMemoryJobStore;
let imports: InMemoryImportStore;
let logger: RecordedLog;
let sent: string[];
let dependencies: TickDependencies;

beforeEach(() => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  imports = createInMemoryImportStore();
  logger = createRecordedLog();
  sent = [];
  dependencies = {
    jobs,
    imports,
    openJobs: jobs,
    queue: { send: async (_tenantId, binaryId) => void sent.push(binaryId) },
    eraser: createInMemoryContent(),
    clock,
    ids: createCountedIds(),
    logger,
    rules: { maxAttempts: 4, requeueAfter: minute, deadlineMargin: 90_000 },
    jobsPerTick: 100,
  };
});

const place = async (own: Partial<Job> = {}) => {
  const job = sampleJob({ mode: 'schedule', releaseAt, due: releaseAt, deadline: releaseAt + 3 * hour, ...own });
  await jobs.place(demoTenant, job);
  return job;
};
const tick = (own: Partial<TickDependencies> = {}) => redriveStaleJobs({ ...dependencies, ...own });
const first = () => jobs.all()[0] as Job;

describe('a scheduled job', () => {
  test('is left alone until its time, then released and queued once', async () => {
    const { binaryId } = await place();
    clock.advance(12 * hour - 1);
    expect(await tick()).toMatchObject({ due: 0 });
    clock.advance(1);
    expect(await tick()).toMatchObject({ due: 1, released: 1, requeued: 0 });
    expect(await tick()).toMatchObject({ due: 0 });
    expect(sent).toEqual([binaryId]);
    expect(first()).toMatchObject({ status: 'QUEUED', redrives: 0, due: releaseAt + minute });
    expect(first()).not.toHaveProperty('releaseAt');
    expect(logger.of('JOB_RELEASED')).toMatchObject([{ binaryId, lateSeconds: 0 }]);
  });
  test('whose message is lost is queued again like any other', async () => {
    await place();
    clock.advance(12 * hour);
    const down = { send: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    expect(await tick({ queue: down })).toMatchObject({ released: 0, unsent: 1 });
    clock.advance(minute);
    expect(await tick()).toMatchObject({ requeued: 1 });
    expect(sent).toHaveLength(1);
  });
  test('that an index shows too early stays unreleased', async () => {
    const early = await place({ due: sampleTime });
    expect(await tick({ openJobs: { findDue: async () => [early] } })).toMatchObject({ skipped: 1 });
    expect([sent, first()]).toEqual([[], early]);
  });
  test('that was released or cancelled meanwhile is left alone', async () => {
    const stale = await place();
    clock.advance(12 * hour);
    await tick();
    const released = first();
    expect(await tick({ openJobs: { findDue: async () => [stale] } })).toMatchObject({ skipped: 1 });
    expect(first()).toEqual(released);
    await jobs.remove(demoTenant, released, { deletedAt: clock.now(), due: clock.now() + hour });
    expect(await tick({ openJobs: { findDue: async () => [stale] } })).toMatchObject({ skipped: 1 });
    expect(first()).toMatchObject({ status: 'CANCELLED' });
  });
  test('that nobody released by its end is ended by its deadline (I1)', async () => {
    const { deadline } = await place();
    clock.advance(deadline - minute - clock.now());
    expect(await tick()).toMatchObject({ ended: 1 });
    expect(first()).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_DEADLINE_PASSED' }, attempts: 0 });
    expect(first().versions).toHaveLength(2);
  });
});

test('a thousand jobs of one moment are released in the order of their times, so many a tick', async () => {
  for (let n = 0; n < 1000; n += 1) {
    const at = releaseAt - n;
    await place({ binaryId: sampleBinaryId(n.toString(16)), releaseAt: at, due: at });
  }
  clock.advance(12 * hour);
  for (let ticks = 0; ticks < 5; ticks += 1) {
    const slow: TickDependencies['openJobs'] = {
      findDue: async (now, limit) => {
        clock.advance(25_000);
        return jobs.findDue(now, limit);
      },
    };
    expect(await tick({ openJobs: slow, jobsPerTick: 200 })).toMatchObject({ due: 200, released: 200 });
  }
  const expected = Array.from({ length: 1000 }, (_, n) => sampleBinaryId((999 - n).toString(16)));
  const rank = new Map(expected.map((id, index) => [id, index]));
  for (const [index, id] of sent.entries()) expect(Math.abs((rank.get(id) ?? 0) - index)).toBeLessThan(200);
  expect(new Set(sent).size).toBe(1000);
});

describe("a scheduled job whose tenant's import of the night", () => {
  const deadline = releaseAt + 6 * hour;
  const lastMoment = deadline - 90 * minute;
  const begun = releaseAt - 2 * hour;
  const goTo = (time: number) => clock.advance(time - clock.now());
  const nextLookAt = () => (first().due ?? 0) - clock.now();

  test('is under way waits for it, and is released at the first look after its end', async () => {
    await place({ deadline });
    imports.put(sampleImport({ begun, state: 'FILES' }));
    goTo(releaseAt);
    expect(await tick()).toMatchObject({ due: 1, released: 0, postponed: 1 });
    expect(sent).toEqual([]);
    expect(nextLookAt()).toBeGreaterThanOrEqual(2.5 * minute);
    expect(nextLookAt()).toBeLessThanOrEqual(5 * minute);
    expect(await tick()).toMatchObject({ due: 0 });
    imports.put(sampleImport({ begun, state: 'DONE' }));
    goTo(first().due ?? 0);
    expect(await tick()).toMatchObject({ released: 1 });
    expect(first()).not.toHaveProperty('nightImport');
    expect(sent).toHaveLength(1);
  });

  test('does not end is released an hour and a half before its deadline, and is to say so (I1)', async () => {
    await place({ deadline });
    imports.put(sampleImport({ begun, state: 'POLLING' }));
    goTo(releaseAt);
    while (first().releaseAt !== undefined) {
      goTo(first().due ?? 0);
      expect(clock.now()).toBeLessThanOrEqual(lastMoment);
      await tick();
    }
    expect(clock.now()).toBe(lastMoment);
    expect(first()).toMatchObject({ status: 'QUEUED', nightImport: { outcome: 'late', begun } });
    expect(logger.of('JOB_RELEASED')).toMatchObject([{ import: 'late' }]);
  });

  test.each(['FAILED', 'CANCELLED'] as const)('is %s goes ahead at once, and is to say so', async (state) => {
    await place({ deadline });
    imports.put(sampleImport({ begun, state }));
    goTo(releaseAt);
    expect(await tick()).toMatchObject({ released: 1, postponed: 0 });
    expect(first()).toMatchObject({ nightImport: { outcome: 'failed', begun } });
  });

  test('failed another night has nothing to say', async () => {
    await place({ deadline });
    imports.put(sampleImport({ begun: releaseAt - 12 * hour, state: 'FAILED' }));
    goTo(releaseAt);
    expect(await tick()).toMatchObject({ released: 1 });
    expect(first()).not.toHaveProperty('nightImport');
  });

  describe('is to come every night, and', () => {
    const importSince = releaseAt - 3 * hour;

    test('was not begun waits for one, and is released at the first look after its end', async () => {
      await place({ deadline, importSince });
      imports.put(sampleImport({ begun: importSince - 1, state: 'DONE' }));
      goTo(releaseAt);
      expect(await tick()).toMatchObject({ released: 0, postponed: 1 });
      imports.put(sampleImport({ begun: clock.now(), state: 'DONE' }));
      goTo(first().due ?? 0);
      expect(await tick()).toMatchObject({ released: 1 });
      expect(first()).not.toHaveProperty('nightImport');
    });

    test.each([
      ['there never was one', undefined],
      ['the latest is that of another night', 'DONE'],
      ['the latest, of another night, failed', 'FAILED'],
    ] as const)(
      'is never begun: the report is made an hour and a half before its deadline, and is to say so (%s)',
      async (_, state) => {
        await place({ deadline, importSince });
        if (state !== undefined) imports.put(sampleImport({ begun: importSince - 1, state }));
        goTo(releaseAt);
        while (first().releaseAt !== undefined) {
          goTo(first().due ?? 0);
          await tick();
        }
        expect(clock.now()).toBe(lastMoment);
        expect(first()).toMatchObject({ status: 'QUEUED', nightImport: { outcome: 'not-begun', begun: importSince } });
        expect(logger.of('JOB_RELEASED')).toMatchObject([{ import: 'not-begun' }]);
      },
    );

    test.each([
      ['DONE', undefined],
      ['FAILED', { outcome: 'failed', begun: importSince - hour }],
    ] as const)(
      'was begun before it was to be, since the night was moved to an earlier hour after the order, is that of the night (%s)',
      async (state, nightImport) => {
        await place({ deadline, importSince });
        imports.put(sampleImport({ begun: importSince - hour, nightly: true, state }));
        goTo(releaseAt);
        expect(await tick()).toMatchObject({ released: 1, postponed: 0 });
        expect(first().nightImport).toEqual(nightImport);
      },
    );

    test('is still to be begun at a later hour, to which the night was moved before the order, is waited for: that of the hour before does not count', async () => {
      await place({ deadline, importSince, created: importSince - hour / 2 });
      imports.put(sampleImport({ begun: importSince - hour, nightly: true, state: 'DONE' }));
      goTo(releaseAt);
      expect(await tick()).toMatchObject({ released: 0, postponed: 1 });
    });

    test('was not begun this night waits for one, whatever came of that of the night before', async () => {
      await place({ deadline, importSince });
      imports.put(sampleImport({ begun: importSince - 24 * hour, nightly: true, state: 'DONE' }));
      goTo(releaseAt);
      expect(await tick()).toMatchObject({ released: 0, postponed: 1 });
    });

    test('cannot be read does not wait', async () => {
      await place({ deadline, importSince });
      goTo(releaseAt);
      const read = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
      expect(await tick({ imports: { read } })).toMatchObject({ released: 1 });
      expect(first()).not.toHaveProperty('nightImport');
    });

    test('was begun early and failed is told of, however long the night', async () => {
      await place({ deadline: deadline + 12 * hour, importSince: releaseAt - 13 * hour });
      imports.put(sampleImport({ begun: releaseAt - 13 * hour, state: 'FAILED' }));
      goTo(releaseAt);
      expect(await tick()).toMatchObject({ released: 1 });
      expect(first()).toMatchObject({ nightImport: { outcome: 'failed' } });
    });
  });

  test('is under way does not wait where it has no more than an hour and a half left', async () => {
    await place({ deadline: releaseAt + 90 * minute });
    imports.put(sampleImport({ begun, state: 'FILES' }));
    goTo(releaseAt);
    expect(await tick()).toMatchObject({ released: 1, postponed: 0 });
  });

  test('cannot be read does not wait, which is told once for all jobs of the tenant', async () => {
    for (const digit of ['1', '2', '3']) await place({ deadline, binaryId: sampleBinaryId(digit) });
    goTo(releaseAt);
    const read = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'import-store' }));
    expect(await tick({ imports: { read } })).toMatchObject({ released: 3 });
    expect(logger.of('IMPORT_NOT_READ')).toMatchObject([{ tenant: demoTenant, reason: 'import-store' }]);
  });

  test('is under way makes thousands wait apart from each other, and takes no place of those that are due', async () => {
    for (let n = 0; n < 200; n += 1) await place({ deadline, binaryId: sampleBinaryId(n.toString(16)) });
    imports.put(sampleImport({ begun, state: 'FILES' }));
    goTo(releaseAt);
    expect(await tick()).toMatchObject({ postponed: 200 });
    const times = jobs.all().map(({ due }) => due);
    expect(new Set(times).size).toBeGreaterThan(190);
    expect(await tick()).toMatchObject({ due: 0 });
  });
});
