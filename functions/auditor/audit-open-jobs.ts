import type { OpenJobIndex } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { findingOf, isOverdue, overdueAfter } from './audit-records.ts';
import type { Findings } from './findings.ts';

/** What auditing open jobs needs. */
export interface OpenJobAuditDependencies {
  readonly openJobs: OpenJobIndex;
  readonly clock: Clock;
}

/** So many due jobs are looked at at most, and as many deleted Binaries. */
const mostLooked = 800;

/**
 * Looks at all that the dispatcher should have dealt with: jobs past their deadline (I1), deleted Binaries whose sweep is due (I12).
 *
 * @throws ServiceError when the index does not answer
 */
export const auditOpenJobs = async (
  { openJobs, clock }: OpenJobAuditDependencies,
  findings: Findings,
): Promise<void> => {
  const now = clock.now();
  for (const job of await openJobs.findDue(now - overdueAfter, mostLooked)) {
    if (isOverdue(job, now)) findings.add(findingOf('job-overdue', job));
    else if (job.deletedAt !== undefined) findings.add(findingOf('sweep-overdue', job));
  }
};
