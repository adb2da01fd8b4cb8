import type { TenantId } from '../auth/tenant.ts';
import type { ReportPace, ReportPaceStore } from '../jobs/report-pace.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';

/** The paces of reports, as this container knows them. */
export interface RecentPaces {
  /** The pace, at most 10 s old; undefined where nothing was measured or the store does not answer. Never throws. */
  of(tenantId: TenantId, report: string): Promise<ReportPace | undefined>;
}

/** What reading paces needs. */
export interface RecentPacesDependencies {
  readonly store: ReportPaceStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

const keptFor = 10_000;
const mostKept = 1000;

/** Reads each pace at most once in 10 s, also when the store fails; keeps 1 000 of them, the first read go first. */
export const createRecentPaces = ({ store, clock, logger }: RecentPacesDependencies): RecentPaces => {
  const kept = new Map<string, { readonly read: number; readonly pace: Promise<ReportPace | undefined> }>();
  const read = async (tenantId: TenantId, report: string): Promise<ReportPace | undefined> => {
    try {
      return await store.read(tenantId, report);
    } catch (error) {
      const reason = error instanceof ServiceError ? error.details.reason : undefined;
      logger.log('PACE_NOT_READ', { tenant: tenantId, reason, errorName: describeError(error).errorName });
      return undefined;
    }
  };
  return {
    of(tenantId, report) {
      const key = `${tenantId}#${report}`;
      const now = clock.now();
      const known = kept.get(key);
      if (known !== undefined && Math.abs(now - known.read) < keptFor) return known.pace;
      kept.delete(key);
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
      const pace = read(tenantId, report);
      kept.set(key, { read: now, pace });
      return pace;
    },
  };
};
