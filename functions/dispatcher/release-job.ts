import type { Job, JobRules } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { nextLook } from '../jobs/pauses.ts';
import type { Clock } from '../platform/clock.ts';
import { decideWait, type FindImport } from './await-import.ts';
import { recordAndSend, type SendingDependencies } from './record-and-send.ts';

/** What releasing needs. */
export interface ReleaseDependencies extends SendingDependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly rules: Pick<JobRules, 'requeueAfter' | 'deadlineMargin'>;
  readonly findImport: FindImport;
}

/**
 * Releases a scheduled job whose time has come: record, then queue. From then on it is a waiting job like any other, so a message that
 * is lost is found at the job's next look, and one that was not sent at the next tick. While its tenant's import is under way, or still to
 * be begun, it is put off, as long as it can be.
 *
 * @returns `skipped` when it was released or cancelled meanwhile, `unsent` when it was released and the queue did not take its message
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`
 */
export const releaseJob = async (
  dependencies: ReleaseDependencies,
  seen: Job,
): Promise<'released' | 'postponed' | 'unsent' | 'skipped'> => {
  const { jobs, clock, logger, rules, findImport } = dependencies;
  const { tenantId, binaryId, jobId, releaseAt } = seen;
  const now = clock.now();
  const { waitUntil, nightImport } = decideWait(await findImport(tenantId), seen, now);
  if (waitUntil !== undefined) {
    return (await jobs.postpone(tenantId, seen, waitUntil)).outcome === 'applied' ? 'postponed' : 'skipped';
  }
  const release = async (due: number) => {
    const written = await jobs.release(tenantId, seen, due, nightImport);
    const lateSeconds = Math.round((now - (releaseAt ?? now)) / 1000);
    const told = { tenant: tenantId, binaryId, jobId, lateSeconds, import: nightImport?.outcome };
    if (written.outcome === 'applied') logger.log('JOB_RELEASED', told);
    return written;
  };
  const outcome = await recordAndSend(dependencies, seen, {
    sent: () => release(nextLook(seen, now, rules)),
    unsent: release,
  });
  return outcome === 'sent' ? 'released' : outcome;
};
