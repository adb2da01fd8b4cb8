import type { BinaryEraser } from '../binaries/binary-content.ts';
import { describeFailedVersion } from '../jobs/failed-version.ts';
import { decideDue, type Job, type JobFailure, type JobRules, nextLook } from '../jobs/job.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobStore, OpenJobIndex } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { releaseJob } from './release-job.ts';

/** What a tick needs. */
export interface TickDependencies {
  readonly openJobs: OpenJobIndex;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly eraser: BinaryEraser;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly rules: Pick<JobRules, 'maxAttempts' | 'requeueAfter' | 'deadlineMargin'>;
  readonly jobsPerTick: number;
}

/** What a tick did, in numbers of jobs. */
export interface TickSummary {
  readonly due: number;
  /** Scheduled jobs whose time had come. */
  released: number;
  requeued: number;
  ended: number;
  /** Deleted Binaries of which no byte is left, late ones included. */
  swept: number;
  /** Somebody was faster, or the index was late. */
  skipped: number;
  /** Could not be dealt with; left to the next tick. */
  failed: number;
}

/** How many jobs are dealt with side by side. */
const width = 16;

const logIds = (job: Job) => ({ tenant: job.tenantId, binaryId: job.binaryId, jobId: job.jobId });

const endJob = async (
  { jobs, clock, ids, logger }: TickDependencies,
  seen: Job,
  failure: JobFailure,
): Promise<'ended' | 'skipped'> => {
  const ended = clock.now();
  const version = describeFailedVersion(seen, failure, ids.uuid(), ended);
  const guard = { by: 'dispatcher', seen } as const;
  const { outcome } = await jobs.fail(seen.tenantId, seen.binaryId, guard, { version, ended, failure });
  if (outcome === 'conflict') return 'skipped';
  logger.log('JOB_FAILED', { ...logIds(seen), attempt: seen.attempts, errorCode: failure.code });
  return 'ended';
};

/** Record, then queue: a message that is lost again is found again at the job's next look. */
const requeueJob = async (
  { jobs, queue, clock, logger, rules }: TickDependencies,
  seen: Job,
): Promise<'requeued' | 'skipped'> => {
  const counted = { ...seen, redrives: seen.redrives + 1 };
  const { outcome } = await jobs.redrive(seen.tenantId, seen, nextLook(counted, clock.now(), rules));
  if (outcome === 'conflict') return 'skipped';
  await queue.send(seen.tenantId, seen.binaryId);
  logger.log('JOB_REQUEUED', { ...logIds(seen), attempt: seen.attempts, redrives: counted.redrives });
  return 'requeued';
};

/** A worker that was under way when its Binary was deleted may have stored bytes after that. It has ended by now. */
const sweepBinary = async ({ jobs, eraser, clock }: TickDependencies, seen: Job): Promise<'swept'> => {
  await eraser.eraseAll(seen.tenantId, seen.binaryId);
  await jobs.markErased(seen.tenantId, seen.binaryId, { erasedAt: clock.now(), swept: true });
  return 'swept';
};

const settle = async (dependencies: TickDependencies, seen: Job): Promise<Exclude<keyof TickSummary, 'due'>> => {
  const action = decideDue(seen, dependencies.clock.now(), dependencies.rules);
  try {
    if (action.kind === 'end') return await endJob(dependencies, seen, action.failure);
    if (action.kind === 'sweep') return await sweepBinary(dependencies, seen);
    if (action.kind === 'release') return await releaseJob(dependencies, seen);
    return action.kind === 'redrive' ? await requeueJob(dependencies, seen) : 'skipped';
  } catch (error) {
    dependencies.logger.log('JOB_NOT_SETTLED', { ...logIds(seen), ...describeError(error) });
    return 'failed';
  }
};

/**
 * One tick: looks at the open jobs that are due, releases the scheduled ones, queues those again whose message or worker was lost, and ends those past their
 * deadline or attempts. Bounded: what is left over is still due at the next tick.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the index does not answer; one job's failure stops no other
 */
export const redriveStaleJobs = async (dependencies: TickDependencies): Promise<TickSummary> => {
  const due = [...(await dependencies.openJobs.findDue(dependencies.clock.now(), dependencies.jobsPerTick))];
  const summary: TickSummary = { due: due.length, released: 0, requeued: 0, ended: 0, swept: 0, skipped: 0, failed: 0 };
  const work = async () => {
    for (let seen = due.shift(); seen !== undefined; seen = due.shift()) {
      summary[await settle(dependencies, seen)] += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return summary;
};
