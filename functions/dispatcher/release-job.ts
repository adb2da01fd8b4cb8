import type { Job, JobRules } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { nextLook } from '../jobs/pauses.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { decideWait, type FindImport } from './await-import.ts';

/** What releasing needs. */
export interface ReleaseDependencies {
  readonly jobs: JobStore;
  /** Sends the job's message; whether the queue took it. */
  readonly send: () => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: Pick<JobRules, 'requeueAfter' | 'deadlineMargin'>;
  readonly findImport: FindImport;
}

/**
 * Releases a scheduled job whose time has come: record, then queue. From then on it is a waiting job like any other, so a message that
 * is lost is found at the job's next look. While its tenant's import is under way, or still to be begun, it is put
 * off, as long as it can be.
 *
 * @returns `skipped` when it was released or cancelled meanwhile, `unsent` when it was released and the queue did not take its message
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`
 */
export const releaseJob = async (
  { jobs, send, clock, logger, rules, findImport }: ReleaseDependencies,
  seen: Job,
): Promise<'released' | 'postponed' | 'unsent' | 'skipped'> => {
  const { tenantId, binaryId, jobId, releaseAt } = seen;
  const now = clock.now();
  const { waitUntil, nightImport } = decideWait(await findImport(tenantId), seen, now);
  if (waitUntil !== undefined) {
    return (await jobs.postpone(tenantId, seen, waitUntil)).outcome === 'applied' ? 'postponed' : 'skipped';
  }
  const { outcome } = await jobs.release(tenantId, seen, nextLook(seen, now, rules), nightImport);
  if (outcome === 'conflict') return 'skipped';
  const lateSeconds = Math.round((now - (releaseAt ?? now)) / 1000);
  logger.log('JOB_RELEASED', { tenant: tenantId, binaryId, jobId, lateSeconds, import: nightImport?.outcome });
  return (await send()) ? 'released' : 'unsent';
};
