import type { Tenant } from '../auth/tenant.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { type Import, type ImportRules, isTidy, newImport } from './import.ts';
import { ImportError } from './import-problem.ts';
import type { ImportStore } from './import-store.ts';

/** What became of the wish to import: begun, or another one is under way, or just over and not tidied up. */
export type Beginning =
  | { readonly kind: 'begun'; readonly import: Import }
  | { readonly kind: 'busy'; readonly import: Import };

/**
 * Begins an import of a tenant, unless one is under way. The next tick takes it up.
 *
 * @param own `nightly` where it is that of a night
 * @throws ImportError `TENANT_NOT_IMPORTING` for a tenant that is disabled or has no server; ServiceError of the store
 */
export const beginImport = async (
  {
    imports,
    clock,
    ids,
    rules,
  }: {
    readonly imports: ImportStore;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly rules: Pick<ImportRules, 'deadline'>;
  },
  tenant: Tenant,
  own: Pick<Import, 'nightly'> = {},
): Promise<Beginning> => {
  if (tenant.import === undefined || !tenant.enabled || tenant.elsewhere === true) {
    throw new ImportError(
      'TENANT_NOT_IMPORTING',
      "The tenant is disabled or served by another region, or its record has no 'import'.",
    );
  }
  const before = await imports.read(tenant.id);
  if (before !== undefined && !isTidy(before)) return { kind: 'busy', import: before };
  const now = clock.now();
  const names = { tenantId: tenant.id, importId: ids.sortableUuid(now), writer: ids.uuid() };
  const fresh = { ...newImport(names, now, rules, before), ...own };
  const written = await imports.begin(tenant.id, fresh, before);
  if (written.outcome === 'applied') return { kind: 'begun', import: written.import };
  return { kind: 'busy', import: written.import ?? fresh };
};
