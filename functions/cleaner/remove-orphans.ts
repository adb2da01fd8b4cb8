import type { TenantId } from '../auth/tenant.ts';
import type { BinaryInventory, OrderWindow, StoredBinary } from '../binaries/binary-inventory.ts';
import type { Job } from '../jobs/job.ts';
import { jobKey } from '../jobs/job-item.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import { createMissingRecords, type MissingRecords } from './missing-records.ts';

/** What cleaning needs. */
export interface CleaningDependencies {
  readonly inventory: BinaryInventory;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a run did. */
export interface CleaningSummary {
  /** Binaries looked at. */
  binaries: number;
  /** Objects removed that their record does not name. */
  unnamed: number;
  /** Objects removed that no record is there for. */
  unrecorded: number;
  /** Binaries left alone because their job has not ended. */
  open: number;
  /** Binaries left alone because their record cannot be read. */
  unreadable: number;
}

interface Run extends CleaningDependencies {
  readonly summary: CleaningSummary;
  /** Their bytes are removed at the end, or not at all. */
  readonly missing: MissingRecords;
}

/** How many Binaries are looked at side by side. */
const width = 16;

/** What has no record is removed for so long at most after a run's own time, in milliseconds; the rest is the next run's. */
const settleFor = 15_000;

/** States that no service of any version ever leaves but by the operator's reopening. One that is not known here is left alone. */
const ended: ReadonlySet<string> = new Set<Job['status']>(['DONE', 'FAILED', 'CANCELLED']);

const removeFrom = async (
  { inventory, logger }: CleaningDependencies,
  tenantId: TenantId,
  { binaryId, keys }: StoredBinary,
  reason: 'unnamed' | 'unrecorded',
): Promise<void> => {
  await inventory.remove(tenantId, keys);
  logger.log('ORPHANS_REMOVED', { tenant: tenantId, binaryId, objects: keys.length, reason });
};

const findUnnamed = (job: Job, keys: readonly string[]): readonly string[] => {
  const named = new Set(job.versions.map(({ content }) => (content.kind === 'stored' ? content.key : undefined)));
  return keys.filter((key) => !named.has(key));
};

/** `unreadable` where there is a record that this version of the service cannot read. */
const readJob = async (
  { jobs, logger }: CleaningDependencies,
  tenantId: TenantId,
  binaryId: string,
): Promise<Job | 'unreadable' | undefined> => {
  try {
    return await jobs.read(tenantId, binaryId);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    logger.log('JOB_ITEM_UNREADABLE', { key: jobKey(tenantId, binaryId).pk, ...describeError(error) });
    return 'unreadable';
  }
};

/**
 * The record is read after the keys were listed, which is what makes removing safe: of a job that has ended, a key that was there before
 * and that no version names belongs to an attempt whose lease is gone, and only the holder of that lease could ever have recorded it.
 * Should the job be reopened meanwhile, its new attempts have new keys.
 */
const lookAt = async (run: Run, tenantId: TenantId, stored: StoredBinary): Promise<void> => {
  const { summary, missing } = run;
  const job = await readJob(run, tenantId, stored.binaryId);
  summary.binaries += 1;
  if (job === 'unreadable') summary.unreadable += 1;
  else if (job === undefined) missing.note({ tenantId, stored });
  else if (!ended.has(job.status)) summary.open += 1;
  else {
    const keys = findUnnamed(job, stored.keys);
    if (keys.length === 0) return;
    await removeFrom(run, tenantId, { ...stored, keys }, 'unnamed');
    summary.unnamed += keys.length;
  }
};

/**
 * A record can come later than its bytes, by an order that is repeated with its idempotency key: the window leaves that time. Where it is
 * the table that seems to be wrong, not the orders, nothing without a record is removed, and somebody is told.
 *
 * @returns whether all was dealt with before `stopAt`
 */
const settleWithoutRecord = async (run: Run, stopAt: number): Promise<boolean> => {
  const { summary, missing, clock, logger } = run;
  if (missing.areDoubtful(summary.binaries)) {
    const { binaries } = summary;
    logger.log('ORPHANS_DOUBTED', { binaries, withoutRecord: missing.count(), lost: missing.lost() });
    return true;
  }
  for (const { tenantId, stored } of missing.remembered()) {
    if (clock.now() >= stopAt) return false;
    await removeFrom(run, tenantId, stored, 'unrecorded');
    summary.unrecorded += stored.keys.length;
  }
  return true;
};

async function* everything(inventory: BinaryInventory, window: OrderWindow) {
  for await (const tenantId of inventory.tenants()) {
    for await (const stored of inventory.binaries(tenantId, window)) yield { tenantId, stored };
  }
}

/**
 * Removes stored bytes that no record names and that none can come to name: of orders that broke off before their record was written,
 * of attempts that were lost, of deleted Binaries. What an open job has is left alone.
 *
 * @param window orders that are looked at; its end is further back than an idempotency key lives (24 hours) and a request lasts
 * @param stopAt when to stop looking, in milliseconds since the epoch; removing what has no record takes 15 s more at most, and a request.
 *   What is left is told (`CLEANING_CUT_SHORT`) and looked at by the next run
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when bucket or table do not answer
 */
export const removeOrphans = async (
  dependencies: CleaningDependencies,
  window: OrderWindow,
  stopAt: number,
): Promise<CleaningSummary> => {
  const { inventory, clock, logger } = dependencies;
  const summary: CleaningSummary = { binaries: 0, unnamed: 0, unrecorded: 0, open: 0, unreadable: 0 };
  const run: Run = { ...dependencies, summary, missing: createMissingRecords() };
  const found = everything(inventory, window);
  let isCutShort = false;
  let failures: readonly unknown[] = [];
  const work = async () => {
    for (let next = await found.next(); next.done !== true; next = await found.next()) {
      isCutShort ||= clock.now() >= stopAt;
      if (isCutShort || failures.length > 0) return;
      await lookAt(run, next.value.tenantId, next.value.stored);
    }
  };
  const noteFailure = (error: unknown) => {
    failures = [...failures, error];
  };
  await Promise.all(Array.from({ length: width }, () => work().catch(noteFailure)));
  if (failures.length > 0) throw failures[0];
  const isSettled = await settleWithoutRecord(run, stopAt + settleFor);
  if (isCutShort || !isSettled) logger.log('CLEANING_CUT_SHORT', { binaries: summary.binaries });
  return summary;
};
