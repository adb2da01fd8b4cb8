import { isOpen, type Job, type JobOverview } from '../jobs/job.ts';
import { expectEnd, type ReportPace } from '../jobs/report-pace.ts';
import type { Clock } from '../platform/clock.ts';
import type { RecentPaces } from './recent-paces.ts';

const shortestWait = 1;
const longestWait = 60;

/** A time in milliseconds as a `Retry-After`: full seconds, 1 to 60. */
export const secondsToWait = (millis: number): number =>
  Math.min(Math.max(Math.ceil(millis / 1000), shortestWait), longestWait);

/** A job that is shown. The index that lists them does not know which were reopened, and when: those seem as old as their orders. */
type ShownJob = JobOverview & Pick<Job, 'reopened'>;

/** Half of what a job has taken already: whoever follows it learns of the end at most half as long again after it, in few requests. */
const halfItsAge = ({ mode, created, started, reopened = created }: ShownJob, now: number): number => {
  const begun = mode === 'schedule' && started !== undefined ? started : reopened;
  return secondsToWait((now - begun) / 2);
};

/** In seconds. A scheduled job has nothing to show before it is released, and the tick that does it comes once a minute. */
const waitOf = (job: ShownJob, now: number, pace: ReportPace | undefined): number => {
  if (job.releaseAt !== undefined) return Math.max(Math.ceil((job.releaseAt - now) / 1000), longestWait);
  const left = pace === undefined ? 0 : expectEnd(job, pace, now) - now;
  return left > 0 ? secondsToWait(left) : halfItsAge(job, now);
};

/** The header, or nothing where no job is waited for. */
export type WaitHeader = { readonly 'retry-after'?: string };

/**
 * `Retry-After` (seconds, RFC 9110 section 10.2.3) for an answer that shows jobs that still wait; nothing where none does. Of several
 * jobs the one to be asked for first decides:
 * until its release, and 60 s at least, for a scheduled job that waits for its night; else what is left of the time that recent reports
 * took; half of the job's age where nothing was measured or it takes longer than they did. Between 1 and 60 s.
 *
 * @param paceOf how fast the job's report has been of late
 */
export const waitHeader = (
  jobs: readonly ShownJob[],
  now: number,
  paceOf: (job: JobOverview) => ReportPace | undefined = () => undefined,
): WaitHeader => {
  const waits = jobs.filter(isOpen).map((job) => waitOf(job, now, paceOf(job)));
  return waits.length === 0 ? {} : { 'retry-after': String(Math.min(...waits)) };
};

/** What an answer that shows jobs needs for its `Retry-After`. */
export interface WaitDependencies {
  readonly paces: RecentPaces;
  readonly clock: Clock;
}

/** {@link waitHeader} with what was measured of the jobs' reports. Jobs are of one tenant. Never throws; asks for nothing where nothing waits. */
export const measureWait = async (
  { paces, clock }: WaitDependencies,
  jobs: readonly ShownJob[],
): Promise<WaitHeader> => {
  const known = new Map<string, ReportPace | undefined>();
  for (const { tenantId, report, releaseAt } of jobs.filter(isOpen)) {
    if (releaseAt === undefined && !known.has(report)) known.set(report, await paces.of(tenantId, report));
  }
  return waitHeader(jobs, clock.now(), ({ report }) => known.get(report));
};
