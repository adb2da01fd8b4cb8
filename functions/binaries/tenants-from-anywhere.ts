import type { TenantId } from '../auth/tenant.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import type { Ids } from '../platform/ids.ts';
import type { BinaryInventory } from './binary-inventory.ts';

/**
 * Every tenant that has anything stored, once, from one of chance on: who cannot get through all of them in one run comes by each in some
 * runs, whatever the others have.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`
 */
export const tenantsFromAnywhere = async (
  inventory: Pick<BinaryInventory, 'tenants'>,
  ids: Pick<Ids, 'uuid'>,
): Promise<readonly TenantId[]> => {
  const tenants: TenantId[] = [];
  for await (const tenantId of inventory.tenants()) tenants.push(tenantId);
  const first = Math.floor(fractionOf(ids.uuid()) * tenants.length);
  return [...tenants.slice(first), ...tenants.slice(0, first)];
};
