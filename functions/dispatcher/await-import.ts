import type { TenantId } from '../auth/tenant.ts';
import { type Import, isOpenImport } from '../imports/import.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import type { Job, NightImport } from '../jobs/job.ts';
import { describeError, type Logger } from '../platform/logger.ts';

const minute = 60_000;

/** How long before its deadline a scheduled report waits for no import any more: what workers then have left, and the alarm on late reports. */
const leastLeft = 90 * minute;

/** The longest time between two looks at an import that is under way. */
const lookAgain = 5 * minute;

/** An import that failed is told of in reports that are released within so long of its beginning: those of the night that it was for. */
const nightLength = 12 * 60 * minute;

/** Whether a scheduled job is to wait, and what its report is to tell if not. Times in milliseconds since the epoch. */
export interface WaitDecision {
  /** Until then, when the import is looked at once more. Absent: it is released. */
  readonly waitUntil?: number;
  readonly nightImport?: NightImport;
}

/**
 * Decides over a scheduled job whose time has come. While its tenant's latest import is under way it waits, until an hour and a half before
 * its deadline; then, or once the import has failed, it is made from the data set in use and says so. Pure.
 */
export const decideWait = (latest: Import | undefined, { binaryId, deadline }: Job, now: number): WaitDecision => {
  if (latest === undefined) return {};
  const { state, begun } = latest;
  if (isOpenImport(latest)) {
    const lastMoment = deadline - leastLeft;
    if (now >= lastMoment) return { nightImport: { outcome: 'late', begun } };
    // So that a night's jobs, put off together, do not come back together.
    const pause = (lookAgain / 2) * (1 + fractionOf(`${binaryId} import ${now}`));
    return { waitUntil: Math.min(now + Math.round(pause), lastMoment) };
  }
  return state !== 'DONE' && now - begun < nightLength ? { nightImport: { outcome: 'failed', begun } } : {};
};

/** The latest import of a tenant, where it can be found out. Never rejects. */
export type FindImport = (tenantId: TenantId) => Promise<Import | undefined>;

/**
 * Reads each tenant's import once, however many of its jobs are released together. Where it cannot be read nothing is waited for: reports
 * have a deadline (`IMPORT_NOT_READ`).
 */
export const createImportLookup = ({
  imports,
  logger,
}: {
  readonly imports: Pick<ImportStore, 'read'>;
  readonly logger: Logger;
}): FindImport => {
  const found = new Map<TenantId, Promise<Import | undefined>>();
  const read = async (tenant: TenantId): Promise<Import | undefined> => {
    try {
      return await imports.read(tenant);
    } catch (error) {
      const { errorName, reason } = describeError(error);
      logger.log('IMPORT_NOT_READ', { tenant, errorName, reason });
      return undefined;
    }
  };
  return (tenantId) => {
    const known = found.get(tenantId) ?? read(tenantId);
    found.set(tenantId, known);
    return known;
  };
};
