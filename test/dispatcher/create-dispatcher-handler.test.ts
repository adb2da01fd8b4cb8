import { beforeEach, describe, expect, test } from 'vitest';
import {
  createDispatcherHandler,
  type DispatcherDependencies,
} from '../../functions/dispatcher/create-dispatcher-handler.ts';
import type { JobQueue } from '../../functions/jobs/job-queue.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { noImports } from '../support/sample-import.ts';
import { demoTenant, sampleJob, sampleTime } from '../support/sample-job.ts';

let jobs: InMemoryJobStore;
let logger: RecordedLog;
let dependencies: DispatcherDependencies;
const queue: JobQueue = { send: async () => {} };

beforeEach(() => {
  jobs = createInMemoryJobStore();
  logger = createRecordedLog();
  dependencies = {
    imports: noImports,
    jobs,
    queue,
    logger,
    openJobs: jobs,
    backlog: { listOpen: async () => [] },
    deadLetters: { count: async () => 0 },
    eraser: createInMemoryContent(),
    clock: createManualClock(),
    ids: createCountedIds(),
    rules: { maxAttempts: 4, requeueAfter: 60_000, deadlineMargin: 180_000 },
    jobsPerTick: 100,
  };
});
const tick = (own: Partial<DispatcherDependencies> = {}) => createDispatcherHandler({ ...dependencies, ...own })({});

describe('a tick and the dead letters', () => {
  test('without any it says so, and raises no event', async () => {
    await tick();
    expect(logger.of('TICK_COMPLETED')).toMatchObject([{ due: 0, deadLetters: 0 }]);
    expect(logger.of('DEAD_LETTERS_WAITING')).toEqual([]);
  });
  test('A18: tells how many there are, each time as long as there are any', async () => {
    const deadLetters = { count: async () => 3 };
    await tick({ deadLetters });
    await tick({ deadLetters });
    expect(logger.of('DEAD_LETTERS_WAITING')).toEqual([{ count: 3 }, { count: 3 }]);
    expect(logger.of('TICK_COMPLETED')).toMatchObject([{ deadLetters: 3 }, { deadLetters: 3 }]);
  });
  test.each([
    ['GENERAL_DEPENDENCY_UNAVAILABLE', 0],
    ['DEPENDENCY_REFUSED', 1],
  ] as const)(
    'A19: a queue that does not answer (%s) stops nothing: jobs are ended and queued as ever',
    async (code, refusals) => {
      await jobs.place(demoTenant, sampleJob({ due: sampleTime }));
      const error = new ServiceError(code, { reason: 'dead-letters x' });
      await tick({ deadLetters: { count: () => Promise.reject(error) } });
      expect(logger.of('TICK_COMPLETED')).toMatchObject([{ due: 1, requeued: 1, deadLetters: undefined }]);
      expect(logger.of('DEAD_LETTERS_NOT_COUNTED')).toEqual([{ errorName: 'ServiceError', reason: 'dead-letters x' }]);
      expect(logger.of('DEPENDENCY_REFUSED')).toHaveLength(refusals);
    },
  );
  test('a queue that hangs does not keep the jobs waiting', async () => {
    await jobs.place(demoTenant, sampleJob({ due: sampleTime }));
    const sent = new Promise<void>((resolve) => {
      void tick({ deadLetters: { count: () => new Promise(() => {}) }, queue: { send: async () => resolve() } });
    });
    await expect(sent).resolves.toBeUndefined();
  });
  test('a tick that could not look at the jobs fails, whatever the dead letters are', async () => {
    const openJobs = { findDue: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    await expect(tick({ openJobs })).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
    expect(logger.of('TICK_COMPLETED')).toEqual([]);
  });
});

describe('a tick and the backlog', () => {
  test('A46: tells how old the oldest open job is', async () => {
    const backlog = { listOpen: async (now: number) => [{ ...sampleJob(), created: now - 90_000 }] };
    await tick({ backlog });
    expect(logger.of('TICK_COMPLETED')).toMatchObject([{ oldestSeconds: 90 }]);
  });
  test('an index that does not answer that stops nothing, and leaves the age out', async () => {
    await jobs.place(demoTenant, sampleJob({ due: sampleTime }));
    const error = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'job-store x' });
    await tick({ backlog: { listOpen: () => Promise.reject(error) } });
    expect(logger.of('TICK_COMPLETED')).toMatchObject([{ due: 1, requeued: 1 }]);
    expect(logger.of('TICK_COMPLETED')[0]).not.toHaveProperty('oldestSeconds');
    expect(logger.of('BACKLOG_NOT_MEASURED')).toEqual([{ errorName: 'ServiceError', reason: 'job-store x' }]);
  });
});
