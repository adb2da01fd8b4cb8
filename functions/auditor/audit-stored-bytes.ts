import type { TenantId } from '../auth/tenant.ts';
import type { BinaryInventory, OrderWindow, StoredBinary } from '../binaries/binary-inventory.ts';
import { tenantsFromAnywhere } from '../binaries/tenants-from-anywhere.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import { isOpen, type Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { type Ids, timeOfSortableUuid } from '../platform/ids.ts';
import { ServiceError } from '../platform/service-error.ts';
import { findingOf } from './audit-records.ts';
import type { Findings } from './findings.ts';

/** What auditing stored bytes needs. */
export interface StoredAuditDependencies {
  readonly inventory: Pick<BinaryInventory, 'tenants' | 'binaries'>;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What was looked at and found. */
export interface StoredAudit {
  /** Binaries that have anything stored. */
  binaries: number;
  /** Objects that no record names, although the cleaner has been past them. */
  orphans: number;
  orphanBytes: number;
}

/** How much is looked at. Times in milliseconds since the epoch. */
export interface StoredAuditBounds {
  /** Orders that may be looked at: not yet removed by the bucket's lifecycle, and not under way. */
  readonly window: OrderWindow;
  /** What no record names of orders before this, the cleaner should have removed. */
  readonly cleanedBefore: number;
  /** The most Binaries of a tenant. */
  readonly eachTenant: number;
  /** The most Binaries of all. */
  readonly limit: number;
  readonly stopAt: number;
}

const day = 24 * 60 * 60_000;

/** Undefined where there is no record, and where it cannot be read: {@link auditRecords} tells that. */
const readJob = async ({ jobs }: StoredAuditDependencies, tenantId: TenantId, binaryId: string) => {
  try {
    return { isReadable: true, job: await jobs.read(tenantId, binaryId) };
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    return { isReadable: false, job: undefined };
  }
};

/**
 * A day after its deletion, when it was swept long ago. An order of a version that stored version 1 in S3 could bring its bytes back for so
 * long, when it was repeated with its idempotency key, until the cleaner removed them; those of this version store nothing.
 */
const isErasedForGood = ({ deletedAt, erasedAt, due }: Job, now: number): boolean =>
  deletedAt !== undefined && erasedAt !== undefined && due === undefined && deletedAt + day <= now;

/** Sizes of what no version names. The record was read after the keys were listed, so what is new is not among them. */
const findUnnamed = (job: Job | undefined, { keys, sizes }: StoredBinary): readonly number[] => {
  const named = new Set(job?.versions.map(({ content }) => (content.kind === 'stored' ? content.key : undefined)));
  return sizes.filter((_size, at) => !named.has(keys[at] ?? ''));
};

const auditBinary = async (
  dependencies: StoredAuditDependencies,
  tenantId: TenantId,
  stored: StoredBinary,
  { cleanedBefore }: StoredAuditBounds,
  { audit, findings }: { readonly audit: StoredAudit; readonly findings: Findings },
): Promise<void> => {
  audit.binaries += 1;
  const { isReadable, job } = await readJob(dependencies, tenantId, stored.binaryId);
  if (!isReadable) return;
  if (job !== undefined && isErasedForGood(job, dependencies.clock.now())) findings.add(findingOf('bytes-left', job));
  else if ((timeOfSortableUuid(stored.binaryId) ?? 0) < cleanedBefore && (job === undefined || !isOpen(job))) {
    const sizes = findUnnamed(job, stored);
    audit.orphans += sizes.length;
    audit.orphanBytes += sizes.reduce((sum, size) => sum + size, 0);
  }
};

/** A tenant's Binaries from a moment of chance on, and behind the last one from the first. */
async function* fromAnywhere(
  { inventory, ids }: StoredAuditDependencies,
  tenantId: TenantId,
  { from, to }: OrderWindow,
): AsyncGenerator<StoredBinary> {
  const middle = from + Math.floor(fractionOf(ids.uuid()) * (to - from));
  yield* inventory.binaries(tenantId, { from: middle, to });
  yield* inventory.binaries(tenantId, { from, to: middle });
}

/**
 * Looks at a sample of what is stored, from a tenant of chance on: whether a record names it, and whether deleted Binaries have left
 * anything (I12). One after the other: it has the night.
 *
 * @returns what was looked at, and whether it was the whole sample
 * @throws ServiceError when bucket or table do not answer
 */
export const auditStoredBytes = async (
  dependencies: StoredAuditDependencies,
  findings: Findings,
  bounds: StoredAuditBounds,
): Promise<{ readonly audit: StoredAudit; readonly isCutShort: boolean }> => {
  const audit: StoredAudit = { binaries: 0, orphans: 0, orphanBytes: 0 };
  const { inventory, clock, ids } = dependencies;
  for (const tenantId of await tenantsFromAnywhere(inventory, ids)) {
    let left = Math.min(bounds.eachTenant, bounds.limit - audit.binaries);
    if (left <= 0) break;
    if (clock.now() >= bounds.stopAt) return { audit, isCutShort: true };
    for await (const stored of fromAnywhere(dependencies, tenantId, bounds.window)) {
      if (left <= 0) break;
      if (clock.now() >= bounds.stopAt) return { audit, isCutShort: true };
      await auditBinary(dependencies, tenantId, stored, bounds, { audit, findings });
      left -= 1;
    }
  }
  return { audit, isCutShort: false };
};
