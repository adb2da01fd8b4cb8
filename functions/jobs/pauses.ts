import { fractionOf } from './fraction-of.ts';
import type { Job, JobRules } from './job.ts';

/** The longest time between two looks of the dispatcher at a job that waits, in milliseconds. */
const longestRequeue = 10 * 60_000;

/** When a job must be ended: shortly before its deadline. */
export const endBy = (job: Pick<Job, 'deadline'>, rules: Pick<JobRules, 'deadlineMargin'>): number =>
  job.deadline - rules.deadlineMargin;

/**
 * Between half of a pause and all of it ("equal jitter"), so that what an outage has brought together comes back apart. Which part of it
 * the job and the occasion decide: the same every time they are asked, evenly spread over all jobs.
 */
const spread = (pause: number, binaryId: string, occasion: string): number =>
  Math.round((pause / 2) * (1 + fractionOf(`${binaryId} ${occasion}`)));

/**
 * When the dispatcher should look at a waiting job next: after `requeueAfter`, doubled with every time that it was queued again
 * and at most ten minutes, so that a long queue is not flooded with its own repeats; never later than the job's end. The first look comes
 * after exactly that time, since orders come apart; from the second on it comes after half of the pause at least.
 */
export const nextLook = (
  job: Pick<Job, 'binaryId' | 'deadline' | 'redrives'>,
  now: number,
  rules: Pick<JobRules, 'requeueAfter' | 'deadlineMargin'>,
): number => {
  const { binaryId, redrives } = job;
  const pause = Math.min(rules.requeueAfter * 2 ** redrives, longestRequeue);
  return Math.min(now + (redrives === 0 ? pause : spread(pause, binaryId, `look ${redrives}`)), endBy(job, rules));
};

/** From this much time to its end on, a job has the patience to outlast an outage, in milliseconds. */
const longTime = 60 * 60_000;
/** The longest pause before a further attempt, in milliseconds. */
const longestPause = 30 * 60_000;

/** What the pauses between attempts follow. In milliseconds. */
export interface RetryRules {
  /** From a failed attempt to the next, doubled each time. */
  readonly retryAfter: number;
  readonly deadlineMargin: number;
}

const pauseBefore = (
  job: Pick<Job, 'binaryId' | 'deadline'>,
  now: number,
  rules: RetryRules,
  doublings: number,
  occasion: string,
): number => {
  const left = endBy(job, rules) - now;
  const doubled = Math.min(rules.retryAfter * 2 ** doublings, longestRequeue);
  const pause = left > longTime ? Math.max(doubled, Math.min(left / 8, longestPause)) : doubled;
  return now + Math.min(spread(pause, job.binaryId, occasion), left);
};

/**
 * When a job whose attempt failed is due again: after `retryAfter`, doubled with every attempt and at most ten minutes, never later
 * than the job's end. Where hours are left, as in a scheduled job's night, an eighth of them and at most half an hour, so that four attempts are
 * not used up by an outage of two minutes. Half of that at least: where between, the job decides.
 */
export const retryAt = (job: Pick<Job, 'binaryId' | 'deadline' | 'attempts'>, now: number, rules: RetryRules): number =>
  pauseBefore(job, now, rules, job.attempts - 1, `attempt ${job.attempts}`);

/**
 * As {@link retryAt}, for an attempt that is not counted: a dependency refused it, and only an operator can mend that. The pause is
 * doubled with every time that the dispatcher queued the job again, so that the attempts of a job are bounded also where none counts.
 */
export const retryUncountedAt = (
  job: Pick<Job, 'binaryId' | 'deadline' | 'redrives'>,
  now: number,
  rules: RetryRules,
): number => pauseBefore(job, now, rules, job.redrives, `refusal ${job.redrives}`);
