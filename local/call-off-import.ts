import type { TenantId } from '../functions/auth/tenant.ts';
import { isOpenImport } from '../functions/imports/import.ts';
import type { ImportStore } from '../functions/imports/import-store.ts';
import { cancelImport } from '../functions/imports/import-transitions.ts';
import type { Clock } from '../functions/platform/clock.ts';

/**
 * What became of the wish to call an import off. At its last step it may have become current in the same moment. `beaten`: whoever works on
 * it was faster each time.
 */
export type CallingOff = 'called-off' | 'called-off-at-the-last-step' | 'none-under-way' | 'beaten';

const mostTries = 5;

/**
 * Calls off a tenant's import that is under way, as an operator. The data set in use stays.
 *
 * @throws ServiceError of the store
 */
export const callOffImport = async (
  { imports, clock }: { readonly imports: ImportStore; readonly clock: Clock },
  tenant: TenantId,
): Promise<CallingOff> => {
  // Whoever works on it writes too: what was read may be old by the time of the write.
  for (let tries = 0; tries < mostTries; tries++) {
    const held = await imports.read(tenant);
    if (held === undefined || !isOpenImport(held)) return 'none-under-way';
    const { outcome } = await imports.replace(tenant, held, cancelImport(held, clock.now()));
    if (outcome === 'applied') return held.state === 'FINISHING' ? 'called-off-at-the-last-step' : 'called-off';
  }
  return 'beaten';
};
