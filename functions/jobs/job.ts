import type { TenantId } from '../auth/tenant.ts';
import type { BinaryVersion } from '../binaries/binary.ts';
import type { ErrorCode } from '../platform/service-error.ts';
import { endBy } from './pauses.ts';

/** How a report was ordered. (`$fetch` makes no job.) */
export type JobMode = 'execute' | 'schedule';

/** `DONE`, `FAILED` and `CANCELLED` are final (invariant I7), save that an operator may reopen a `FAILED` job. */
export type JobStatus = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** A worker's right to finish an attempt. The token is the fence: only its holder's writes are applied. */
export interface Lease {
  /** A new UUID each attempt. */
  readonly token: string;
  /** Milliseconds since the epoch; from then on another worker may take the job. */
  readonly until: number;
}

/** Why a job failed. */
export interface JobFailure {
  /** In a record of a later version also one that is not known here. */
  readonly code: ErrorCode;
  /** What an operator can act on. Clients see it. */
  readonly cause: string;
}

/** What a job's attempts were billed for so far. An attempt whose worker was lost is in it only with the next one that is not. */
export interface BilledTime {
  /** From taking the job to ending or giving back the attempt, all attempts together. */
  readonly milliseconds: number;
  /** The same, each attempt times the memory of its worker, in GB of 1024 MB: what AWS Lambda charges for. */
  readonly gigabyteSeconds: number;
}

/** What it comes to with a further attempt; `memory` in MB. */
export const addBilledTime = (before: BilledTime | undefined, milliseconds: number, memory: number): BilledTime => ({
  milliseconds: (before?.milliseconds ?? 0) + milliseconds,
  gigabyteSeconds: Number(((before?.gigabyteSeconds ?? 0) + (milliseconds / 1000) * (memory / 1024)).toFixed(3)),
});

/** Why a scheduled report was not made from the data set of its night, as far as it was known when it was released. */
export interface NightImport {
  /**
   * `failed`: the import had failed or was called off. `late`: it was still under way when the report could wait no longer. `not-begun`:
   * none had been begun by then.
   */
  readonly outcome: 'failed' | 'late' | 'not-begun';
  /**
   * When the import was begun, or, where none was, from when on one was expected. Milliseconds since the epoch. A data set with a later
   * cut-off is newer than this.
   */
  readonly begun: number;
}

/** One ordered report: its order, its state and the versions of its Binary. All times are milliseconds since the epoch. */
export interface Job {
  readonly tenantId: TenantId;
  readonly binaryId: string;
  readonly jobId: string;
  /** The `user_id` of the token that ordered the report: its only reader. */
  readonly userId: string;
  /** Name of the report's definition. */
  readonly report: string;
  readonly mode: JobMode;
  /** As received. */
  readonly parameters: readonly { readonly name: string; readonly valueString: string }[];
  readonly status: JobStatus;
  readonly created: number;
  readonly started?: number;
  readonly ended?: number;
  /** The job ends by then, whatever happens (invariant I1). */
  readonly deadline: number;
  /** Number of times that a worker has taken the job; those that a dependency refused for want of permission do not count. */
  readonly attempts: number;
  /** Number of times that the dispatcher has queued the job again. */
  readonly redrives: number;
  /** While `RUNNING`. */
  readonly lease?: Lease;
  /** While the job is open, and for a while after it was erased: when the dispatcher looks at it next. */
  readonly due?: number;
  /** Of a queued job whose last attempt failed: until the dispatcher has queued it again, or this time, no worker takes it. */
  readonly pausedUntil?: number;
  /** Of a scheduled job that waits for its night: when the dispatcher releases it. Until then no worker can take it. */
  readonly releaseAt?: number;
  /**
   * Of a scheduled job of a tenant that is fetched from every night: an import begun from then on is that of its night. Absent in
   * records of before it was kept.
   */
  readonly importSince?: number;
  /** Of a scheduled job that was released without the import that it waited for. */
  readonly nightImport?: NightImport;
  readonly failure?: JobFailure;
  /** Absent until an attempt has ended, and in jobs of before it was counted. */
  readonly billed?: BilledTime;
  /** When an operator last reopened the job after a failure: from then on it is a job like one just ordered. */
  readonly reopened?: number;
  /** In ascending order, without gaps; empty once the Binary was deleted, and only then. */
  readonly versions: readonly BinaryVersion[];
  /** When its user deleted the Binary: no version is readable any more, and no worker's write is applied. */
  readonly deletedAt?: number;
  /** When all of its bytes were gone. Absent on a deleted Binary: erasing them is still to be finished. */
  readonly erasedAt?: number;
  /** When retention ends, in milliseconds; from then on the Binary counts as deleted. */
  readonly expires: number;
}

/** What the job status shows of a job; all that the index by owner has to hold. */
export const overviewMembers = [
  'binaryId',
  'jobId',
  'userId',
  'report',
  'mode',
  'parameters',
  'status',
  'created',
  'started',
  'ended',
  'deadline',
  'attempts',
  'releaseAt',
  'failure',
  'billed',
  'expires',
] as const satisfies readonly (keyof Job)[];

/** A job as the job status shows it: without its versions, so that ten thousand of them are listed cheaply. */
export type JobOverview = Pick<Job, 'tenantId' | (typeof overviewMembers)[number]>;

/** Jobs that still have to end. */
export const isOpen = (job: Pick<Job, 'status'>): boolean => job.status === 'QUEUED' || job.status === 'RUNNING';

/**
 * Jobs with which the dispatcher has something to do, now or later: those that still have to end, and deleted Binaries. Not those in a
 * status that only a later version of this software knows.
 */
export const concernsDispatcher = (job: Pick<Job, 'status' | 'deletedAt'>): boolean =>
  isOpen(job) || job.deletedAt !== undefined;

/** The current version: the last one. */
export const currentVersion = (job: Job): BinaryVersion => {
  const version = job.versions.at(-1);
  if (version === undefined) throw new TypeError('a job without a version');
  return version;
};

/** The number of the version that the job's next outcome gets. */
export const nextVersionId = (job: Job): number => currentVersion(job).versionId + 1;

/** Times and bounds that the transitions follow. All in milliseconds, save the number of attempts. */
export interface JobRules {
  /** From claim or heartbeat to the end of the lease. */
  readonly lease: number;
  /** Attempts before a job fails for good. */
  readonly maxAttempts: number;
  /** From placing to the dispatcher's first look; doubled with every further look. */
  readonly requeueAfter: number;
  /** Jobs are ended this long before their deadline, so that a tick that comes late still keeps it. */
  readonly deadlineMargin: number;
}

/**
 * From a deletion to the second erasure, in milliseconds: longer than a run of a worker can last (Lambda ends one after 15 minutes
 * at most), so that bytes of an attempt that was under way are there by then. Its container lives on, frozen, and may go on much later: an
 * attempt that is over breaks off what it has under way (`holdLease`), so that nothing of it is sent then.
 */
export const sweepAfter = 16 * 60_000;

/** What the dispatcher has to do with an open job that is due. */
export type DueAction =
  /** Past its deadline, or out of attempts with its lease run out: end it. */
  | { readonly kind: 'end'; readonly failure: JobFailure }
  /** Scheduled, and its time has come: let workers take it. */
  | { readonly kind: 'release' }
  /** Its message was lost, or its worker: queue it again. */
  | { readonly kind: 'redrive' }
  /** Deleted a while ago: bytes that a worker was still writing then are erased too. */
  | { readonly kind: 'sweep' }
  /** Somebody was faster, or the index was late: nothing. */
  | { readonly kind: 'none' };

const describeTime = (millis: number): string =>
  millis < 2 * 3_600_000 ? `${Math.round(millis / 60_000)} minutes` : `${Math.round(millis / 3_600_000)} hours`;

/** Decides over an open job. Pure: the conditional write that follows checks that the job is still as it was seen. */
export const decideDue = (
  job: Job,
  now: number,
  rules: Pick<JobRules, 'maxAttempts' | 'deadlineMargin'>,
): DueAction => {
  if (job.deletedAt !== undefined && job.due !== undefined) return { kind: job.due <= now ? 'sweep' : 'none' };
  if (!isOpen(job)) return { kind: 'none' };
  if (endBy(job, rules) <= now) {
    const cause = `The report was not finished within ${describeTime(job.deadline - (job.reopened ?? job.created))} after ${job.attempts} attempts. Order it again; if that fails too, the operator finds the attempts in the worker's log.`;
    return { kind: 'end', failure: { code: 'JOB_DEADLINE_PASSED', cause } };
  }
  if (job.status === 'QUEUED') {
    const looksAt = Math.max(job.due ?? 0, job.releaseAt ?? 0);
    if (looksAt > now) return { kind: 'none' };
    return { kind: job.releaseAt === undefined ? 'redrive' : 'release' };
  }
  if (job.lease !== undefined && job.lease.until > now) return { kind: 'none' };
  if (job.attempts < rules.maxAttempts) return { kind: 'redrive' };
  return { kind: 'end', failure: attemptsExhausted(job.attempts) };
};

/** The failure of a job whose last attempt ended without a result. */
export const attemptsExhausted = (attempts: number): JobFailure => ({
  code: 'JOB_ATTEMPTS_EXHAUSTED',
  cause: `${attempts} attempts ended without a result. Order it again; if that fails too, the operator finds the attempts in the worker's log.`,
});
