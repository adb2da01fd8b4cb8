import type { Job } from '../jobs/job.ts';
import type { JobStore, OpenJobIndex } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { findingOf, isOverdue, overdueAfter } from './audit-records.ts';
import type { FindingKind, Findings } from './findings.ts';

/** What auditing open jobs needs. */
export interface OpenJobAuditDependencies {
  readonly openJobs: OpenJobIndex;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly clock: Clock;
}

/** So many due jobs are looked at at most, and as many deleted Binaries. */
const mostLooked = 800;

/** What is wrong with a job or a deleted Binary that the dispatcher should have dealt with; undefined where nothing is. */
const judge = (job: Job, now: number): FindingKind | undefined => {
  if (isOverdue(job, now)) return 'job-overdue';
  const isInTime = job.deletedAt === undefined || job.due === undefined || job.due + overdueAfter > now;
  return isInTime ? undefined : 'sweep-overdue';
};

/**
 * Looks at all that the dispatcher should have dealt with: jobs past their deadline (I1), deleted Binaries whose sweep is due (I12). The
 * index may be late, so what looks wrong is looked at once more in its record.
 *
 * @throws ServiceError when index or table do not answer
 */
export const auditOpenJobs = async (
  { openJobs, jobs, clock }: OpenJobAuditDependencies,
  findings: Findings,
): Promise<void> => {
  const now = clock.now();
  for (const seen of await openJobs.findDue(now - overdueAfter, mostLooked)) {
    if (judge(seen, now) === undefined) continue;
    const job = await jobs.read(seen.tenantId, seen.binaryId);
    const kind = job && judge(job, now);
    if (job !== undefined && kind !== undefined) findings.add(findingOf(kind, job));
  }
};
