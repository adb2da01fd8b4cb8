import { ServiceError } from '../platform/service-error.ts';
import type { Timers } from '../platform/timers.ts';
import type { CachingTenantRegistry } from './caching-tenant-registry.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** Of so many tenants the keys are fetched ahead. A new container is no reason to ask every issuer there is at the same moment. */
const mostIssuers = 8;

/**
 * So long issuers are waited for, in milliseconds, once the tenants are there: most answer by then. One that hangs costs a new container
 * this, and not the 1.5 s after which its fetch is given up.
 */
const longestWait = 300;

/**
 * Reads the tenants, and fetches the keys of the first eight that are served here. Returns when all issuers have answered, or after
 * 300 ms: fetches that are under way then go on, and the first requests share them.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the tenants cannot be read, or an issuer has given no keys by then; those of
 *   the others are there all the same
 */
export const fetchIssuerKeys = async (
  registry: CachingTenantRegistry,
  keys: Pick<IssuerKeys, 'fetchAhead'>,
  timers: Timers,
): Promise<void> => {
  const served = (await registry.all()).filter(({ enabled, elsewhere }) => enabled && elsewhere !== true);
  const fetched = Promise.all(served.slice(0, mostIssuers).map((tenant) => keys.fetchAhead(tenant)));
  const over = Promise.withResolvers<readonly boolean[]>();
  const stop = timers.after(longestWait, () => over.resolve([false]));
  const isThere = await Promise.race([fetched, over.promise]);
  stop();
  if (isThere.includes(false))
    throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'issuer-unavailable' });
};
