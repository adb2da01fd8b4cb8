import type { Job, JobRules } from '../jobs/job.ts';
import type { JobStore, Transition } from '../jobs/job-store.ts';
import { endBy } from '../jobs/pauses.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import type { WatchedQueue } from './watched-queue.ts';

/** What sending the messages of a tick needs. */
export interface SendingDependencies {
  readonly jobs: Pick<JobStore, 'redrive'>;
  readonly queue: WatchedQueue;
  readonly logger: Logger;
  readonly rules: Pick<JobRules, 'deadlineMargin'>;
  /** When a job is looked at next that goes without its message: not in this tick any more, and surely in the next. */
  readonly unsentLook: number;
}

/** How the record of a job is written before its message is sent. */
export interface RecordWrites {
  /** As that of one whose message is sent. */
  sent(): Promise<Transition>;
  /** As that of one that is looked at again without a message, at `due`. */
  unsent(due: number): Promise<Transition>;
}

/** Tells why a job could not be dealt with. Never rejects. */
export const logUnsettled = (logger: Logger, { tenantId, binaryId, jobId }: Job, error: unknown): void => {
  const ids = { tenant: tenantId, binaryId, jobId };
  if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { ...ids, reason: error.details.reason });
  logger.log('JOB_NOT_SETTLED', { ...ids, ...describeError(error) });
};

/** A message that was sent for nothing does not count: the pause must not grow while the queue is down. */
const uncounted = (seen: Job): Job => ({ ...seen, redrives: seen.redrives - 1 });

/** As {@link JobStore.redrive}, of a job that was queued again without a message: its pause does not grow. */
export const redriveUnsent = (jobs: Pick<JobStore, 'redrive'>, seen: Job, due: number): Promise<Transition> =>
  jobs.redrive(seen.tenantId, uncounted(seen), due);

const isSent = async ({ queue, logger }: SendingDependencies, job: Job): Promise<boolean> => {
  if (queue.isGivenUp()) return false;
  try {
    await queue.send(job.tenantId, job.binaryId);
    return true;
  } catch (error) {
    logUnsettled(logger, job, error);
    return false;
  }
};

/**
 * Record, then queue: a message that is lost is found again at the job's next look. A job that the queue does not take, or for which it is
 * given up in this tick, is left to the next tick: no job that is to be ended may have to wait for the queue, and none that waits for its
 * message longer than the queue is away.
 *
 * @returns `skipped` when somebody was faster
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` of the store
 */
export const recordAndSend = async (
  dependencies: SendingDependencies,
  seen: Job,
  writes: RecordWrites,
): Promise<'sent' | 'unsent' | 'skipped'> => {
  const { jobs, queue, rules, unsentLook } = dependencies;
  const due = Math.min(unsentLook, endBy(seen, rules));
  if (queue.isGivenUp()) return (await writes.unsent(due)).outcome === 'conflict' ? 'skipped' : 'unsent';
  const recorded = await writes.sent();
  if (recorded.outcome === 'conflict') return 'skipped';
  if (await isSent(dependencies, recorded.job)) return 'sent';
  await redriveUnsent(jobs, { ...recorded.job, redrives: seen.redrives }, due);
  return 'unsent';
};
