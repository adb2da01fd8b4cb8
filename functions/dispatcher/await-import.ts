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

/**
 * So long after its beginning an import may be that of the night of a report that is released: the one that the tick began for a night,
 * whatever was planned when the report was ordered; and in records of before it was kept which import is that of their night, any that failed.
 */
const nightLength = 12 * 60 * minute;

/** Whether a scheduled job is to wait, and what its report is to tell if not. Times in milliseconds since the epoch. */
export interface WaitDecision {
  /** Until then, when the import is looked at once more. Absent: it is released. */
  readonly waitUntil?: number;
  readonly nightImport?: NightImport;
}

/** Puts a job off, as long as it can be; then it is released and tells why. */
const waitOr = (nightImport: NightImport, { binaryId, deadline }: Job, now: number): WaitDecision => {
  const lastMoment = deadline - leastLeft;
  if (now >= lastMoment) return { nightImport };
  // So that a night's jobs, put off together, do not come back together.
  const pause = (lookAgain / 2) * (1 + fractionOf(`${binaryId} import ${now}`));
  return { waitUntil: Math.min(now + Math.round(pause), lastMoment) };
};

/**
 * Whether an import is that of the night in which a job is released. The job's `importSince` is of the settings at the time of its order:
 * where the tenant's night was moved to an earlier hour since, its import was begun before that, by the tick and after the order. An
 * import that was begun before the order counts only if it is late enough by those settings.
 */
const isOfItsNight = ({ begun, nightly }: Import, { importSince, created }: Job, now: number): boolean => {
  const isRecent = now - begun < nightLength;
  if (importSince === undefined) return isRecent;
  return begun >= importSince || (nightly === true && isRecent && begun >= created);
};

/**
 * Decides over a scheduled job whose time has come. While its tenant's latest import is under way, or none was begun in a night that is to
 * have one, it waits, until an hour and a half before its deadline; then, or once the import has failed, it is made from the data set in
 * use and says so. Pure.
 */
export const decideWait = (latest: FoundImport, job: Job, now: number): WaitDecision => {
  if (latest === 'unknown') return {};
  if (latest !== undefined && isOpenImport(latest)) return waitOr({ outcome: 'late', begun: latest.begun }, job, now);
  const since = job.importSince;
  const isOfNight = latest !== undefined && isOfItsNight(latest, job, now);
  if (since !== undefined && !isOfNight) return waitOr({ outcome: 'not-begun', begun: since }, job, now);
  return isOfNight && latest.state !== 'DONE' ? { nightImport: { outcome: 'failed', begun: latest.begun } } : {};
};

/** The latest import of a tenant, undefined where there is none, `unknown` where that could not be found out. */
export type FoundImport = Import | 'unknown' | undefined;

/** Looks for the latest import of a tenant. Never rejects. */
export type FindImport = (tenantId: TenantId) => Promise<FoundImport>;

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
  const found = new Map<TenantId, Promise<FoundImport>>();
  const read = async (tenant: TenantId): Promise<FoundImport> => {
    try {
      return await imports.read(tenant);
    } catch (error) {
      const { errorName, reason } = describeError(error);
      logger.log('IMPORT_NOT_READ', { tenant, errorName, reason });
      return 'unknown';
    }
  };
  return (tenantId) => {
    const known = found.get(tenantId) ?? read(tenantId);
    found.set(tenantId, known);
    return known;
  };
};
