import type { TenantId } from '../auth/tenant.ts';
import type { BinaryVersion } from '../binaries/binary.ts';
import type { BilledTime, Job, JobFailure, JobMode, Lease, NightImport } from './job.ts';
import type { Reservation } from './reservation.ts';

/**
 * What became of a transition. `conflict` is an ordinary outcome: the job was no longer as the transition needs it, somebody else
 * was faster. It comes with the job as it is now, or without where there is none.
 */
export type Transition =
  | { readonly outcome: 'applied'; readonly job: Job }
  | { readonly outcome: 'conflict'; readonly job: Job | undefined };

/** What makes a job end with a new version. */
export interface Ending {
  readonly version: BinaryVersion;
  readonly ended: number;
  /** Of all attempts, this one included; where nobody counted it, what is recorded stays. */
  readonly billed?: BilledTime | undefined;
}

/** Who may fail a job: the holder of its lease, or the dispatcher over the job exactly as it saw it. */
export type FailureGuard =
  | { readonly by: 'worker'; readonly token: string }
  | { readonly by: 'dispatcher'; readonly seen: Job };

/** An order that asks for one of its tenant's places for open jobs. */
export interface Admission {
  readonly mode: JobMode;
  readonly now: number;
  /** At least 1. */
  readonly limit: number;
  /** A new UUID each time. Tells one's own write from another's. */
  readonly writer: string;
}

/**
 * The jobs of all tenants, one item each. Every transition is one conditional write on the job's state and the lease's token.
 * A write whose answer was lost is recognised as one's own and is `applied`.
 *
 * Every method throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the store does not answer or refuses; whether a write was
 * applied is then unknown, and nothing may be concluded from it.
 */
export interface JobStore {
  /**
   * Takes an idempotency key for an order. Of all that ask for one key within its time the first gets it, and all get that one's
   * reservation: whoever it is not, orders under its ids, or not at all where the digest is another.
   */
  reserve(tenantId: TenantId, wanted: Reservation): Promise<Reservation>;

  /** What an idempotency key stands for at `now`, or undefined where it is free. Takes nothing. */
  findReservation(tenantId: TenantId, key: string, now: number): Promise<Reservation | undefined>;

  /**
   * Takes one of the tenant's places for open jobs of a mode, before the job is placed. It is taken for as long as the job is open, and
   * for 5 to 10 s in any case; so an order that breaks off gives its place back. Of all that ask at once no more are admitted than there are places,
   * as long as an admitted order stands in the store's index within 5 s.
   *
   * @param admission.now when it is ordered: the job's `created`
   * @param admission.limit the places that the tenant has
   * @returns whether there was a place; where there was none, nothing is written
   */
  admit(tenantId: TenantId, admission: Admission): Promise<boolean>;

  /** Records a new job. `conflict` when the Binary id is taken by another job. */
  place(tenantId: TenantId, job: Job): Promise<Transition>;

  /** The job as it is now (strongly consistent, invariant I11), or undefined. */
  read(tenantId: TenantId, binaryId: string): Promise<Job | undefined>;

  /**
   * Takes a job that is queued, released and in no pause, or running with a lease that has run out: `RUNNING`, one attempt more, with
   * this lease.
   * Only where the whole lease ends before the job has to (`endBy`), and not once `maxAttempts` are used up.
   */
  claim(
    tenantId: TenantId,
    binaryId: string,
    claim: {
      readonly lease: Lease;
      readonly now: number;
      readonly maxAttempts: number;
      readonly deadlineMargin: number;
    },
  ): Promise<Transition>;

  /**
   * Prolongs the lease that `lease.token` still holds. `due` is when the dispatcher looks at the job next: the end of the lease,
   * or the job's own end if that is sooner.
   */
  renew(
    tenantId: TenantId,
    binaryId: string,
    renewal: { readonly lease: Lease; readonly due: number },
  ): Promise<Transition>;

  /** Ends the job `DONE` with its report, for the holder of the lease. */
  complete(tenantId: TenantId, binaryId: string, token: string, ending: Ending): Promise<Transition>;

  /** Ends an open job `FAILED`, with the failure's OperationOutcome as the new version. */
  fail(
    tenantId: TenantId,
    binaryId: string,
    guard: FailureGuard,
    ending: Ending & { readonly failure: JobFailure },
  ): Promise<Transition>;

  /**
   * Deletes the Binary of a job that is exactly as it was seen: no version is left, an open job is `CANCELLED`, its worker's lease is
   * void. `due` is when the dispatcher erases late bytes.
   */
  remove(
    tenantId: TenantId,
    seen: Job,
    removal: { readonly deletedAt: number; readonly due: number },
  ): Promise<Transition>;

  /** Takes note that no bytes of a deleted Binary are left; `swept`: also none that were written late, so it leaves the index. */
  markErased(
    tenantId: TenantId,
    binaryId: string,
    erasure: { readonly erasedAt: number; readonly swept: boolean },
  ): Promise<Transition>;

  /**
   * Gives the lease back: `QUEUED`, in a pause until `due`, when the dispatcher looks at it; no message that is left over from before
   * ends the pause. `attempts` is the number that counts from now on: that
   * of the claim, or one less where the attempt is not to be counted.
   */
  relinquish(
    tenantId: TenantId,
    binaryId: string,
    token: string,
    release: { readonly due: number; readonly attempts: number; readonly billed?: BilledTime | undefined },
  ): Promise<Transition>;

  /**
   * The dispatcher lets workers take a scheduled job that waits for its time as it was seen: no `releaseAt` any more, next look at
   * `due`.
   *
   * @param nightImport what its report is to tell of the import that it did not wait for, or not any longer
   */
  release(tenantId: TenantId, seen: Job, due: number, nightImport?: NightImport): Promise<Transition>;

  /** The dispatcher puts off the release of a scheduled job that waits for its time as it was seen. */
  postpone(tenantId: TenantId, seen: Job, releaseAt: number): Promise<Transition>;

  /** The dispatcher takes note that it queues a job again that is exactly as it was seen: `QUEUED`, without lease, next look at `due`. */
  redrive(tenantId: TenantId, seen: Job, due: number): Promise<Transition>;

  /**
   * An operator makes a `FAILED` job that is exactly as it was seen wait for workers again, with a new deadline and no attempts: the
   * deliberate exception of invariant I7. Its versions stay as they are, so its next outcome is a further version. Not where the Binary
   * was deleted, or is not kept until the deadline.
   *
   * @param reopening.reopened now; tells one's own write from another's
   */
  reopen(
    tenantId: TenantId,
    seen: Job,
    reopening: { readonly reopened: number; readonly deadline: number; readonly due: number },
  ): Promise<Transition>;
}

/** The dispatcher's view over all tenants: open jobs by when they are due. Kept from all others by being a port of its own. */
export interface OpenJobIndex {
  /**
   * Open jobs that are due at `now`, oldest first within a shard, at most an eighth of `limit` of each of the eight shards; after them as
   * many deleted Binaries at most that are due for their sweep. Jobs between them in a status that this version does not know come along
   * and do not count: they stay due until another version deals with them. May lag behind the last writes by a moment.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`
   */
  findDue(now: number, limit: number): Promise<readonly Job[]>;
}
