import type { TenantId } from '../auth/tenant.ts';
import type { Job } from './job.ts';

/** How fast a tenant's reports of one kind have been of late. In milliseconds. */
export interface ReportPace {
  /** From a worker's first claim to the end: a mean that recent reports weigh most in. */
  readonly generating: number;
  /** From order to claim, likewise; only of reports that are made at once. It is the age of the queue, as long as it is fresh. */
  readonly waiting: number;
  /** When the last report was finished, since the epoch. */
  readonly measured: number;
}

/** Where the paces are kept: one for each tenant and report, so that nobody learns how busy anybody else is. */
export interface ReportPaceStore {
  /**
   * The pace, or undefined where nothing was measured yet. May lag behind.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`, soon: nobody waits long for an estimate
   */
  read(tenantId: TenantId, report: string): Promise<ReportPace | undefined>;
  /**
   * Replaces the pace. The last writer wins: of two reports that end at the same moment one is not counted.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`
   */
  write(tenantId: TenantId, report: string, pace: ReportPace): Promise<void>;
}

/** What the newest report weighs in a mean. Two thirds of it are of the last three reports. */
const weight = 0.3;

/** The queue's age is no longer known when nothing was taken out of it for this long, in milliseconds. */
const freshFor = 10 * 60_000;

const mean = (before: number | undefined, sample: number): number =>
  before === undefined ? sample : Math.round(before + weight * (sample - before));

/** Whether what was measured of the queue still says something of it. */
export const isFresh = ({ measured }: ReportPace, now: number): boolean => now - measured < freshFor;

/** The pace after one report more, which has just ended well. */
export const addToPace = (
  before: ReportPace | undefined,
  job: Pick<Job, 'mode' | 'created' | 'started' | 'reopened'>,
  ended: number,
): ReportPace => {
  const { created, reopened = created, started = ended } = job;
  const known = before !== undefined && isFresh(before, ended) ? before.waiting : undefined;
  return {
    generating: mean(before?.generating, Math.max(ended - started, 0)),
    // A scheduled report waits for its night, not for a worker.
    waiting: job.mode === 'schedule' ? (known ?? 0) : mean(known, Math.max(started - reopened, 0)),
    measured: ended,
  };
};

/** When a job that was taken, or can be, should end: milliseconds since the epoch, in the past where it takes longer than others did. */
export const expectEnd = (
  { created, started, reopened = created }: Pick<Job, 'created' | 'started' | 'reopened'>,
  pace: ReportPace,
  now: number,
): number => {
  if (started !== undefined) return started + pace.generating;
  return reopened + (isFresh(pace, now) ? pace.waiting : 0) + pace.generating;
};
