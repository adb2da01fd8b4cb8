import type { CachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import type { TenantId } from '../auth/tenant.ts';
import type { DataSetFiles } from '../imports/data-set-files.ts';
import { mostAhead } from '../imports/export-manifest.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { readCurrentDataSet } from '../imports/stored-manifest.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { isImportedNightly } from './begin-nightly-imports.ts';

/** What dating needs. */
export interface DatingDependencies {
  readonly tenants: Pick<CachingTenantRegistry, 'all'>;
  readonly files: Pick<DataSetFiles, 'readManifest'>;
  readonly imports: Pick<ImportStore, 'read'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const minute = 60_000;

/** Each tenant is looked at once in so many minutes, at a minute of its own: a tick reads few manifests. */
const turns = 15;

const isItsTurn = (tenantId: TenantId, now: number): boolean =>
  Math.floor(now / minute) % turns === Math.floor(fractionOf(tenantId) * turns);

/** Without a data set there is no age that an alarm could watch: an import that failed is told of for as long as it is the latest. */
const tellFirstFailure = async ({ imports, logger }: DatingDependencies, tenant: TenantId): Promise<void> => {
  const latest = await imports.read(tenant);
  if (latest?.state !== 'FAILED') return;
  const { importId, failure } = latest;
  logger.log('DATA_SET_NEVER_FETCHED', { tenant, importId, errorCode: failure?.code });
};

const dateDataSet = async (dependencies: DatingDependencies, tenant: TenantId): Promise<void> => {
  const { files, clock, logger } = dependencies;
  try {
    const { cutOff, transactionTime } = readCurrentDataSet((await files.readManifest(tenant))?.text);
    if (cutOff === undefined) return await tellFirstFailure(dependencies, tenant);
    const age = clock.now() - cutOff.millis;
    if (age < -mostAhead) logger.log('DATA_SET_AHEAD', { tenant, dataCutOff: transactionTime });
    else {
      const ageSeconds = Math.max(Math.round(age / 1000), 0);
      logger.log('DATA_SET_DATED', { tenant, dataCutOff: transactionTime, ageSeconds });
    }
  } catch (error) {
    const { errorName, reason } = describeError(error);
    logger.log('DATA_SET_NOT_DATED', { tenant, errorName, reason });
  }
};

/**
 * Tells, every quarter of an hour, how old the data set in use is of each tenant whose data sets are fetched nightly: seconds since its
 * cut-off (`DATA_SET_DATED`, whose metric an alarm watches); `DATA_SET_AHEAD` where the cut-off is to come, so that no import can become
 * current until then. A tenant without a data set has no age; where its latest import failed,
 * `DATA_SET_NEVER_FETCHED` says so, which has a metric and an alarm of its own. Never rejects.
 */
export const dateDataSets = async (dependencies: DatingDependencies): Promise<void> => {
  // Tenants that cannot be read have been told of by the registry, and by the beginning of the night's imports.
  const tenants = await dependencies.tenants.all().catch(() => []);
  const now = dependencies.clock.now();
  for (const tenant of tenants.filter(isImportedNightly)) {
    if (isItsTurn(tenant.id, now)) await dateDataSet(dependencies, tenant.id);
  }
};
