import type { CachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import type { Tenant } from '../auth/tenant.ts';
import { beginImport } from '../imports/begin-import.ts';
import { importDeadline } from '../imports/import-limits.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { isImportedNightly, isOfNight, isTimeForImport, planNightlyImport } from '../imports/nightly-import.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';

/** What beginning a night's imports needs. */
export interface NightlyDependencies {
  readonly tenants: Pick<CachingTenantRegistry, 'all'>;
  readonly imports: ImportStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

const beginForTenant = async (dependencies: NightlyDependencies, tenant: Tenant): Promise<boolean> => {
  const { imports, clock, logger } = dependencies;
  const now = clock.now();
  const plan = planNightlyImport(now, tenant);
  if (!isTimeForImport(now, plan) || isOfNight(await imports.read(tenant.id), plan)) return false;
  // One that is still under way since before is waited for, tick by tick. Of two ticks that begin one, one is told that it is busy.
  const beginning = { ...dependencies, rules: { deadline: importDeadline } };
  const { kind, import: held } = await beginImport(beginning, tenant, { nightly: true });
  if (kind === 'busy') return false;
  logger.log('IMPORT_BEGUN', { tenant: tenant.id, importId: held.importId });
  return true;
};

/**
 * Begins the imports of the night whose time has come, one a tenant and night. Never rejects: a tick has imports under way to look after.
 * What could not be begun is told by `IMPORT_NOT_BEGUN`, and begun by the next tick.
 *
 * @returns how many were begun
 */
export const beginNightlyImports = async (dependencies: NightlyDependencies): Promise<number> => {
  const { tenants, logger } = dependencies;
  let begun = 0;
  try {
    for (const tenant of (await tenants.all()).filter(isImportedNightly)) {
      try {
        if (await beginForTenant(dependencies, tenant)) begun += 1;
      } catch (error) {
        logger.log('IMPORT_NOT_BEGUN', { tenant: tenant.id, ...describeError(error) });
      }
    }
  } catch (error) {
    logger.log('IMPORT_NOT_BEGUN', describeError(error));
  }
  return begun;
};
