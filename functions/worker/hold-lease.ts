import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { endBy } from '../jobs/pauses.ts';
import type { Clock } from '../platform/clock.ts';
import type { Timers } from '../platform/timers.ts';

/** The attempt's lease is gone: another worker has the job, or it has ended. Nothing more may be written for it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The function is about to be stopped by its platform: the attempt is given up in good order. */
export class TimeRunningOut extends Error {
  override readonly name = 'TimeRunningOut';
}

/** What holding a lease needs. */
export interface LeaseDependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rules: { readonly lease: number; readonly deadlineMargin: number };
}

/** A job in the hands of this worker. */
export interface HeldJob {
  readonly job: Job;
  readonly token: string;
  /** How long the attempt may take before it is given up, in milliseconds. */
  readonly available: number;
}

/** Heartbeats in a lease's time: two may get lost before the lease does. */
const beatsPerLease = 3;

/**
 * Runs an attempt while its lease is prolonged by heartbeats.
 *
 * A heartbeat that does not get through is left to the next one; the fence is the token, not the time.
 *
 * @param work stops when the signal is aborted, and breaks off every request of its that changes something; its result is then no longer
 *   waited for. A function that has answered is frozen with what it has under way, for any time, and thawed with another job's message:
 *   what was not broken off would be sent again then, long after a deletion's last sweep (invariant I12)
 * @throws LeaseLost when a heartbeat finds the lease gone, TimeRunningOut when `available` is over, or what `work` throws
 */
export const holdLease = async <Result>(
  { jobs, clock, timers, rules }: LeaseDependencies,
  { job, token, available }: HeldJob,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const controller = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  const beat = async () => {
    const until = clock.now() + rules.lease;
    const due = Math.min(until, endBy(job, rules));
    const { outcome } = await jobs.renew(job.tenantId, job.binaryId, { lease: { token, until }, due });
    if (outcome === 'conflict') controller.abort(new LeaseLost());
  };
  const stops = [
    timers.every(rules.lease / beatsPerLease, () => void beat().catch(() => {})),
    timers.after(available, () => controller.abort(new TimeRunningOut())),
  ];
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    for (const stop of stops) stop();
  }
};
