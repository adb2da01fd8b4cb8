import type { CachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import type { Tenant, TenantId } from '../auth/tenant.ts';
import { isFarAhead } from '../episodes/is-ahead.ts';
import type { DataSetFiles } from '../imports/data-set-files.ts';
import { isOpenImport } from '../imports/import.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { isImportedNightly, planNightlyImport } from '../imports/nightly-import.ts';
import { readCurrentDataSet } from '../imports/stored-manifest.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';

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

/**
 * Without a data set there is no age that an alarm could watch: that is told for as long as none comes, whatever became of the latest
 * import. Not while one is under way, nor of a tenant whose first night is still to come.
 */
const tellMissing = async ({ imports, clock, logger }: DatingDependencies, tenant: Tenant): Promise<void> => {
  const latest = await imports.read(tenant.id);
  const now = clock.now();
  const isToCome = latest === undefined ? now < planNightlyImport(now, tenant).at : isOpenImport(latest);
  if (isToCome) return;
  const { importId, state, failure } = latest ?? {};
  logger.log('DATA_SET_NEVER_FETCHED', { tenant: tenant.id, importId, state, errorCode: failure?.code });
};

const dateDataSet = async (dependencies: DatingDependencies, one: Tenant): Promise<void> => {
  const { files, clock, logger } = dependencies;
  const { id: tenant } = one;
  try {
    const { cutOff, transactionTime } = readCurrentDataSet((await files.readManifest(tenant))?.text);
    if (cutOff === undefined) return await tellMissing(dependencies, one);
    const now = clock.now();
    if (isFarAhead(cutOff, now)) logger.log('DATA_SET_AHEAD', { tenant, dataCutOff: transactionTime });
    else {
      const ageSeconds = Math.max(Math.round((now - cutOff.millis) / 1000), 0);
      logger.log('DATA_SET_DATED', { tenant, dataCutOff: transactionTime, ageSeconds });
    }
  } catch (error) {
    const { errorName, reason } = describeError(error);
    logger.log('DATA_SET_NOT_DATED', { tenant, errorName, reason });
  }
};

/**
 * Tells, every quarter of an hour, of each tenant whose data sets are fetched nightly, how old the one in use is: seconds since its
 * cut-off (`DATA_SET_DATED`, whose metric an alarm watches). Where the cut-off is to come by more than an hour, so that reports fail and no
 * import can become current until then: `DATA_SET_AHEAD`. Where there is no data set, and none on its way: `DATA_SET_NEVER_FETCHED`. Each
 * has an alarm. Never rejects.
 */
export const dateDataSets = async (dependencies: DatingDependencies): Promise<void> => {
  // Tenants that cannot be read have been told of by the registry, and by the beginning of the night's imports.
  const tenants = await dependencies.tenants.all().catch(() => []);
  const now = dependencies.clock.now();
  for (const tenant of tenants.filter(isImportedNightly)) {
    if (isItsTurn(tenant.id, now)) await dateDataSet(dependencies, tenant);
  }
};
