import type { CachingTenantRegistry } from './caching-tenant-registry.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** Of so many tenants the keys are fetched ahead. A new container is no reason to ask every issuer there is at the same moment. */
const mostIssuers = 8;

/**
 * Reads the tenants, and fetches the keys of the first eight that are served here.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the tenants cannot be read, or an issuer gives no keys; of the other issuers
 *   they are there all the same
 */
export const fetchIssuerKeys = async (registry: CachingTenantRegistry, keys: IssuerKeys): Promise<void> => {
  const served = (await registry.all()).filter(({ enabled, elsewhere }) => enabled && elsewhere !== true);
  // No issuer has a key by this name: asking for it fetches the set, and finds nothing.
  const fetched = await Promise.allSettled(served.slice(0, mostIssuers).map((tenant) => keys.find(tenant, '')));
  const failed = fetched.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
};
