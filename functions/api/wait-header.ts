import { isOpen, type JobOverview } from '../jobs/job.ts';

const shortestWait = 1;
const longestWait = 60;

/**
 * `Retry-After` (seconds, RFC 9110 section 10.2.3) for an answer that shows jobs that still wait; nothing where none does.
 * Half of what the youngest of them has waited already, between 1 and 60 s: a client that follows it learns of the end at most
 * half as long again after it, in few requests.
 */
export const waitHeader = (jobs: readonly JobOverview[], now: number): { readonly 'retry-after'?: string } => {
  const ages = jobs.filter(isOpen).map((job) => now - job.created);
  if (ages.length === 0) return {};
  const seconds = Math.ceil(Math.min(...ages) / 2000);
  return { 'retry-after': String(Math.min(Math.max(seconds, shortestWait), longestWait)) };
};
