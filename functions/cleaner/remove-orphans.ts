import type { TenantId } from '../auth/tenant.ts';
import { contentKey } from '../binaries/binary.ts';
import type { BinaryInventory, OrderWindow, StoredBinary } from '../binaries/binary-inventory.ts';
import { tenantsFromAnywhere } from '../binaries/tenants-from-anywhere.ts';
import type { Job } from '../jobs/job.ts';
import { jobKey } from '../jobs/job-item.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';

/** What cleaning needs. */
export interface CleaningDependencies {
  readonly inventory: BinaryInventory;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'uuid'>;
  readonly logger: Logger;
}

/** What a run did. */
export interface CleaningSummary {
  /** Binaries looked at. */
  binaries: number;
  /** Objects removed that their record does not name. */
  unnamed: number;
  /** Binaries left alone because there is no record of them. */
  unrecorded: number;
  /** Those of them that have the bytes of a report, so that there has been a record. */
  lost: number;
  /** Binaries left alone because their job has not ended. */
  open: number;
  /** Binaries left alone because their record cannot be read. */
  unreadable: number;
}

interface Run extends CleaningDependencies {
  readonly summary: CleaningSummary;
}

/** How many Binaries are looked at side by side. */
const width = 16;

/** States that no service of any version ever leaves but by the operator's reopening. One that is not known here is left alone. */
const ended: ReadonlySet<string> = new Set<Job['status']>(['DONE', 'FAILED', 'CANCELLED']);

/**
 * A report is only ever stored by the holder of a lease, and the lease is in the record. The bytes of version 1 alone are what an order that broke off
 * has left that was placed by an earlier version of the service, which stored them before the record.
 */
const hadRecord = (tenantId: TenantId, { binaryId, keys }: StoredBinary): boolean =>
  keys.some((key) => !key.startsWith(contentKey(tenantId, binaryId, 1, '')));

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
  const { summary, inventory, logger } = run;
  const job = await readJob(run, tenantId, stored.binaryId);
  summary.binaries += 1;
  if (job === 'unreadable') summary.unreadable += 1;
  else if (job === undefined) {
    summary.unrecorded += 1;
    if (hadRecord(tenantId, stored)) summary.lost += 1;
  } else if (!ended.has(job.status)) summary.open += 1;
  else {
    const keys = findUnnamed(job, stored.keys);
    if (keys.length === 0) return;
    await inventory.remove(tenantId, keys);
    logger.log('ORPHANS_REMOVED', { tenant: tenantId, binaryId: stored.binaryId, objects: keys.length });
    summary.unnamed += keys.length;
  }
};

async function* everything({ inventory, ids }: CleaningDependencies, window: OrderWindow) {
  for (const tenantId of await tenantsFromAnywhere(inventory, ids)) {
    for await (const stored of inventory.binaries(tenantId, window)) yield { tenantId, stored };
  }
}

/**
 * Removes stored bytes that their record does not name and can never come to name: of attempts that were lost, of deleted Binaries. What an open job has is
 * left alone, and so is what has no record: every report's bytes had one, so it is the table that is wrong or incomplete (`ORPHANS_DOUBTED`).
 *
 * @param window orders that are looked at
 * @param stopAt when to stop looking, in milliseconds since the epoch. What is left is told (`CLEANING_CUT_SHORT`); the next run begins
 *   with a tenant of chance again, and with the oldest orders of each
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when bucket or table do not answer
 */
export const removeOrphans = async (
  dependencies: CleaningDependencies,
  window: OrderWindow,
  stopAt: number,
): Promise<CleaningSummary> => {
  const { clock, logger } = dependencies;
  const summary: CleaningSummary = { binaries: 0, unnamed: 0, unrecorded: 0, lost: 0, open: 0, unreadable: 0 };
  const run: Run = { ...dependencies, summary };
  const found = everything(dependencies, window);
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
  const { binaries, unrecorded, lost } = summary;
  if (lost > 0) logger.log('ORPHANS_DOUBTED', { binaries, unrecorded, lost });
  if (isCutShort) logger.log('CLEANING_CUT_SHORT', { binaries });
  return summary;
};
