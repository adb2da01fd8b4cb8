import type { Job } from '../functions/jobs/job.ts';
import type { JobMessage } from '../functions/jobs/job-message.ts';
import type { JobQueue } from '../functions/jobs/job-queue.ts';
import type { JobStore } from '../functions/jobs/job-store.ts';
import { describeError } from '../functions/platform/logger.ts';
import { describeAge, type RedriveRow } from './redrive-row.ts';

/** What reopening needs. */
export interface ReopenDependencies {
  readonly jobs: Pick<JobStore, 'read' | 'reopen'>;
  readonly queue: JobQueue;
  readonly now: () => number;
}

/** How jobs are reopened. */
export interface ReopenOptions {
  readonly apply: boolean;
  /** From now to the new deadline, in milliseconds. */
  readonly within: number;
}

/** The dispatcher's first look, in milliseconds, as for a job just ordered: it sends the message where it was not sent here. */
const firstLook = 60_000;

/** Why a job is not reopened, or undefined where it can be. Pure. */
export const findObstacle = (job: Job | undefined, deadline: number): string | undefined => {
  if (job === undefined) return 'there is no such job in this table';
  if (job.deletedAt !== undefined) return 'its Binary was deleted';
  if (job.status !== 'FAILED') return `it is ${job.status}`;
  return job.expires < deadline ? 'its Binary is not kept until the new deadline' : undefined;
};

/** Record, then queue: killed or refused in between, the dispatcher finds the job at its first look. */
const reopen = async (
  { jobs, queue }: ReopenDependencies,
  seen: Job,
  now: number,
  deadline: number,
): Promise<Pick<RedriveRow, 'outcome' | 'why'>> => {
  const { outcome } = await jobs.reopen(seen.tenantId, seen, { reopened: now, deadline, due: now + firstLook });
  if (outcome === 'conflict') return { outcome: 'nothing', why: 'somebody else changed it meanwhile' };
  try {
    await queue.send(seen.tenantId, seen.binaryId);
    return { outcome: 'reopen', why: 'reopened and queued' };
  } catch {
    return {
      outcome: 'reopen',
      why: 'reopened; the queue refused its message, so the dispatcher sends it in a minute or two',
    };
  }
};

/** Columns of the rows that {@link reopenJob} gives. */
export const failedJobHeadings = ['job', 'status', 'ended', 'attempts', 'code'];

/** Looks at one job and, with `apply`, reopens it, if it is a failed one. Safe to repeat: what is open already is left alone. */
export const reopenJob = async (
  dependencies: ReopenDependencies,
  { tenantId, binaryId }: JobMessage,
  { apply, within }: ReopenOptions,
): Promise<RedriveRow> => {
  const id = `${tenantId}/${binaryId}`;
  try {
    const now = dependencies.now();
    const job = await dependencies.jobs.read(tenantId, binaryId);
    const ended = job?.ended === undefined ? '-' : `${describeAge(now - job.ended)} ago`;
    const what = [id, job?.status ?? 'unknown', ended, String(job?.attempts ?? '-'), job?.failure?.code ?? '-'];
    const obstacle = findObstacle(job, now + within);
    if (job === undefined || obstacle !== undefined) {
      return { what, outcome: job === undefined ? 'failed' : 'nothing', why: obstacle ?? '' };
    }
    if (!apply) return { what, outcome: 'reopen', why: `once more, with ${describeAge(within)} to its deadline` };
    return { what, ...(await reopen(dependencies, job, now, now + within)) };
  } catch (error) {
    const { errorName, reason = errorName } = describeError(error);
    return { what: [id, '?', '-', '-', '-'], outcome: 'failed', why: reason };
  }
};
