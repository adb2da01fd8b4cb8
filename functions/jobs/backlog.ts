import type { Job } from './job.ts';

/** What is looked at of an open job. */
export type OpenJob = Pick<Job, 'mode' | 'created' | 'reopened' | 'releaseAt' | 'deadline'>;

/** The open jobs of all tenants, to be measured. A port of its own: it shows no ids. */
export interface Backlog {
  /**
   * The jobs that have not ended and that somebody is to look at within half an hour: all that workers may take, and scheduled ones
   * shortly before their night. May lag behind the last writes by a moment, and leave some out where there are many thousands.
   *
   * @throws ServiceError as `toDependencyError` has it
   */
  listOpen(now: number): Promise<readonly OpenJob[]>;
}

/** How far behind the service is, in whole seconds. */
export interface BacklogAge {
  /**
   * The longest time that a job has been open: since it was ordered or reopened, or, while it waits for its night, since it should have been
   * released; 0 where there is none. A scheduled job that was released does not count: when that was is not recorded.
   */
  readonly oldestSeconds: number;
  /** The least time that a scheduled job has left which waits no more for its night; absent where there is none. One that was reopened does not count. */
  readonly scheduledSecondsLeft?: number;
}

const openSince = ({ mode, created, reopened, releaseAt }: OpenJob): number | undefined => {
  if (mode === 'schedule' && reopened === undefined) return releaseAt;
  return reopened ?? created;
};

const isReleased = ({ mode, reopened, releaseAt }: OpenJob): boolean =>
  mode === 'schedule' && reopened === undefined && releaseAt === undefined;

/** Measures open jobs. */
export const measureBacklog = (jobs: readonly OpenJob[], now: number): BacklogAge => {
  let oldest = now;
  let soonest = Number.POSITIVE_INFINITY;
  for (const job of jobs) {
    oldest = Math.min(oldest, openSince(job) ?? now);
    if (isReleased(job)) soonest = Math.min(soonest, job.deadline);
  }
  const oldestSeconds = Math.round((now - oldest) / 1000);
  if (soonest === Number.POSITIVE_INFINITY) return { oldestSeconds };
  return { oldestSeconds, scheduledSecondsLeft: Math.round((soonest - now) / 1000) };
};
