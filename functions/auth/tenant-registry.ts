import type { Tenant, TenantId } from './tenant.ts';

/** The tenants of the service. Looking one up is a matter of memory: an unknown issuer or id costs no read. */
export interface TenantRegistry {
  /**
   * The tenant whose `issuer` this is, to the letter; disabled ones too.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the tenants could not be read, now or earlier.
   */
  byIssuer(issuer: string): Promise<Tenant | undefined>;
  /**
   * The tenant with this id; disabled ones too.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the tenants could not be read, now or earlier.
   */
  byId(id: TenantId): Promise<Tenant | undefined>;
}

/** Where the records of all tenants come from. */
export interface TenantSource {
  /** Every record, unchecked. Rejects with whatever went wrong, and when the signal is aborted. */
  readAll(signal: AbortSignal): Promise<readonly unknown[]>;
}
