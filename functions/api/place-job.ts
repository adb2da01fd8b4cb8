import type { Caller } from '../auth/caller.ts';
import { placeholderVersion } from '../binaries/binary.ts';
import { awaitImportSince } from '../imports/nightly-import.ts';
import type { Job, JobMode, JobRules } from '../jobs/job.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { planNight } from '../jobs/night-window.ts';
import { nextLook } from '../jobs/pauses.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { ReceivedParameter } from '../reports/report-definition.ts';
import type { AdmitOrder } from './admit-order.ts';

/** What placing a job needs. */
export interface PlacingDependencies {
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly admit: AdmitOrder;
  readonly rules: Pick<JobRules, 'requeueAfter' | 'deadlineMargin'>;
  /** From order to deadline of a report that is made at once, in milliseconds. */
  readonly executeDeadline: number;
  /** How long a Binary is kept, in milliseconds. */
  readonly retention: number;
}

/** An order that has passed every check. */
export interface Order {
  readonly caller: Caller;
  /** Name of the report's definition. */
  readonly report: string;
  /** The operation's name. */
  readonly operation: string;
  readonly mode: JobMode;
  readonly parameters: readonly ReceivedParameter[];
  readonly requestId: string;
  /** Aborted once the answer can no longer be waited for: nothing is recorded after that. */
  readonly signal: AbortSignal;
}

/** The ids of a job. */
export type JobIds = Pick<Job, 'binaryId' | 'jobId'>;

/** New ids for a job that is ordered now. */
export const newIds = ({ ids, clock }: PlacingDependencies): JobIds => {
  const jobId = ids.uuid();
  return { jobId, binaryId: ids.sortableUuid(clock.now()) };
};

/** A job that may be placed. */
export interface AdmittedJob extends JobIds {
  /** When its order was admitted. */
  readonly created: number;
}

/** When the job is worked on, and by when it has ended. */
const planJob = ({ rules, executeDeadline }: PlacingDependencies, order: Order, binaryId: string, now: number) => {
  if (order.mode === 'schedule') {
    const plan = planNight(binaryId, now, order.caller.tenant);
    const importSince = awaitImportSince(plan.releaseAt, order.caller.tenant);
    return { ...plan, due: plan.releaseAt, ...(importSince !== undefined && { importSince }) };
  }
  const deadline = now + executeDeadline;
  return { deadline, due: nextLook({ binaryId, deadline, redrives: 0 }, now, rules) };
};

const newJob = (
  dependencies: PlacingDependencies,
  order: Order,
  { binaryId, jobId, created: now }: AdmittedJob,
  writer: string,
): Job => {
  const { caller, report, mode, parameters, requestId: source } = order;
  return {
    tenantId: caller.tenant.id,
    binaryId,
    jobId,
    userId: caller.userId,
    report,
    mode,
    parameters,
    status: 'QUEUED',
    created: now,
    ...planJob(dependencies, order, binaryId, now),
    attempts: 0,
    redrives: 0,
    versions: [{ ...placeholderVersion, versionId: 1, lastUpdated: now, source, writer }],
    expires: now + dependencies.retention,
  };
};

/** A job that is recorded. */
export interface PlacedJob {
  readonly job: Job;
  /** Of a new job: its message on the way to the queue. Never rejects. The order stands whatever becomes of it. */
  readonly message?: Promise<void>;
}

/** What log events say of an order. */
export const logIds = ({ requestId, caller, mode }: Order, { binaryId, jobId }: JobIds) => ({
  requestId,
  tenant: caller.tenant.id,
  binaryId,
  jobId,
  mode,
});

/** A job that is recorded is found by the dispatcher, so the order stands in any case. */
const wakeWorker = async ({ queue, logger }: PlacingDependencies, order: Order, job: Job): Promise<void> => {
  try {
    await queue.send(job.tenantId, job.binaryId);
  } catch (error) {
    logger.log('ENQUEUE_FAILED', { ...logIds(order, job), ...describeError(error) });
  }
};

/**
 * The record, then the queue: an answer of 2xx means that the job is durable (I6), and version 1 has its bytes in the record (I3).
 * Several orders may place under the same ids at once: the first record stays.
 */
export const placeAdmitted = async (
  dependencies: PlacingDependencies,
  order: Order,
  admitted: AdmittedJob,
): Promise<PlacedJob> => {
  const { jobs, logger } = dependencies;
  const writer = dependencies.ids.uuid();
  const job = newJob(dependencies, order, admitted, writer);
  order.signal.throwIfAborted();
  const placed = await jobs.place(job.tenantId, job);
  if (placed.outcome === 'conflict') throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'binary-id-taken' });
  if (placed.job.versions[0]?.writer !== writer) {
    logger.log('ORDER_REPEATED', logIds(order, job));
    return placed;
  }
  logger.log('ORDER_PLACED', logIds(order, job));
  // One that waits for its time needs no message.
  return job.releaseAt === undefined ? { job, message: wakeWorker(dependencies, order, job) } : { job };
};

/**
 * Places a new job.
 *
 * @throws ServiceError `GENERAL_THROTTLED` when the tenant has as many open jobs as it may have; nothing is written then
 */
export const placeJob = async (dependencies: PlacingDependencies, order: Order): Promise<PlacedJob> => {
  const created = await dependencies.admit(order);
  return placeAdmitted(dependencies, order, { ...newIds(dependencies), created });
};
