import { redriveStaleJobs } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import type { JobQueue } from '../../functions/jobs/job-queue.ts';
import { createWorkerHandler } from '../../functions/worker/create-worker-handler.ts';
import type { WorkerDependencies } from '../../functions/worker/dependencies.ts';
import { createCountedIds } from './counted-ids.ts';
import { createInMemoryContent } from './in-memory-content.ts';
import { dataSetInMemory } from './in-memory-data-set.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from './in-memory-job-store.ts';
import { createInMemoryReportPace } from './in-memory-report-pace.ts';
import { createInMemorySummaries } from './in-memory-summaries.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createManualTimers } from './manual-timers.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import { noImports } from './sample-import.ts';
import { demoTenant, sampleJob } from './sample-job.ts';
import { registryOf, sampleTenant } from './sample-tenant.ts';

/** One job, a queue, a worker and a dispatcher over stores in memory, minute by minute. */
export interface JobRun {
  readonly clock: ManualClock;
  readonly jobs: InMemoryJobStore;
  readonly log: RecordedLog;
  /** Messages that were sent and not delivered yet. */
  readonly waiting: string[];
  /** The worker gets what is in the queue. */
  deliver(): Promise<void>;
  /** A minute passes, the dispatcher looks, and the worker gets what is in the queue. */
  minute(): Promise<void>;
}

/** What a run is made with; the rest is as it is deployed. */
export interface JobRunOptions {
  readonly dataSets?: DataSetSource;
  /** So often each message is delivered: the queue's own repetition. Default 1. */
  readonly deliveries?: number;
  /** Changes what the worker is made of. */
  readonly worker?: (dependencies: WorkerDependencies) => WorkerDependencies;
}

/** The rules that are deployed (`infra/functions`), in milliseconds. */
export const deployedRules = {
  lease: 60_000,
  maxAttempts: 4,
  requeueAfter: 60_000,
  retryAfter: 15_000,
  deadlineMargin: 180_000,
} as const;

/** A job that was just ordered, with its message in the queue. */
export const startJobRun = async (options: JobRunOptions = {}): Promise<JobRun> => {
  const clock = createManualClock();
  const jobs = createInMemoryJobStore();
  const log = createRecordedLog();
  const content = createInMemoryContent();
  const waiting: string[] = [];
  const { deliveries = 1 } = options;
  const queue: JobQueue = {
    send: async (tenantId, binaryId) => {
      const body = writeJobMessage({ tenantId, binaryId });
      waiting.push(...Array.from({ length: deliveries }, () => body));
    },
  };
  const common = { clock, jobs, logger: log, ids: createCountedIds(), rules: deployedRules };
  const dependencies: WorkerDependencies = {
    ...common,
    content,
    timers: createManualTimers(clock),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(sampleTenant()),
    dataSets: options.dataSets ?? dataSetInMemory('2026-04-01T00:00:00Z', []),
  };
  const work = createWorkerHandler(options.worker?.(dependencies) ?? dependencies);
  const dispatcher = { ...common, imports: noImports, openJobs: jobs, queue, eraser: content, jobsPerTick: 100 };
  const job = sampleJob();
  await jobs.place(demoTenant, job);
  await queue.send(demoTenant, job.binaryId);
  const deliver = async () => {
    const Records = waiting.splice(0).map((body, at) => ({ messageId: `m${at}`, body }));
    await work({ Records } as Parameters<typeof work>[0], { getRemainingTimeInMillis: () => 300_000 } as never);
  };
  return {
    clock,
    jobs,
    log,
    waiting,
    deliver,
    async minute() {
      clock.advance(60_000);
      await redriveStaleJobs(dispatcher);
      await deliver();
    },
  };
};
