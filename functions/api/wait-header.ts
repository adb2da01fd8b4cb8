import { isOpen, type JobOverview } from '../jobs/job.ts';

const shortestWait = 1;
const longestWait = 60;

/** In seconds. A scheduled job has nothing to show before it is released, and the tick that does it comes once a minute. */
const waitOf = (job: JobOverview, now: number): number =>
  job.releaseAt === undefined
    ? Math.min(Math.max(Math.ceil((now - job.created) / 2000), shortestWait), longestWait)
    : Math.max(Math.ceil((job.releaseAt - now) / 1000), longestWait);

/**
 * `Retry-After` (seconds, RFC 9110 section 10.2.3) for an answer that shows jobs that still wait; nothing where none does.
 * Half of what the youngest of them has waited already, between 1 and 60 s: a client that follows it learns of the end at most
 * half as long again after it, in few requests. Until its release, and 60 s at least, for a scheduled job that waits for its night.
 */
export const waitHeader = (jobs: readonly JobOverview[], now: number): { readonly 'retry-after'?: string } => {
  const waits = jobs.filter(isOpen).map((job) => waitOf(job, now));
  return waits.length === 0 ? {} : { 'retry-after': String(Math.min(...waits)) };
};
