import type { TenantId } from '../auth/tenant.ts';
import type { JobOverview } from './job.ts';

/** A place in a user's list of jobs: right behind this job. Holds good when the job itself is gone. */
export interface JobPosition {
  readonly created: number;
  readonly binaryId: string;
}

/** A part of a user's list of jobs. */
export interface JobPage {
  /** Newest first, at most as many as were asked for. */
  readonly jobs: readonly JobOverview[];
  /** Where the next page begins; absent when there is nothing more. */
  readonly next?: JobPosition;
  /** With `next`: when the first job of the next page was ordered, in milliseconds. None of the further ones is younger. */
  readonly nextCreated?: number;
}

/** The page that a list of at most one job more than the limit makes. */
export const toJobPage = (jobs: readonly JobOverview[], limit: number): JobPage => {
  const shown = jobs.slice(0, limit);
  const [last, following] = [shown.at(-1), jobs[limit]];
  if (last === undefined || following === undefined) return { jobs: shown };
  return { jobs: shown, next: { created: last.created, binaryId: last.binaryId }, nextCreated: following.created };
};

/** A user's own jobs. A port of its own, so that only who shows them has it. */
export interface JobList {
  /**
   * A page of the user's jobs, newest first. May lag behind the last writes by a moment. However many jobs the user has, a page costs
   * the same. A job whose record cannot be read is left out, and keeps no other from being shown.
   *
   * @param page.limit the most jobs on it; at least 1
   * @param page.after where it begins; without, at the newest job
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the list does not answer
   */
  listByUser(
    tenantId: TenantId,
    userId: string,
    page: { readonly limit: number; readonly after?: JobPosition },
  ): Promise<JobPage>;
}
