import type { TenantId } from '../auth/tenant.ts';

/** Where keys and passwords are that the service signs in with at tenants' servers. */
export interface SecretStore {
  /**
   * The tenant's secret of that name: a private key as JWK, or a client secret. A tenant cannot name another's.
   *
   * @throws ImportError `SECRET_UNUSABLE` when there is none; ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` or `DEPENDENCY_REFUSED`
   */
  read(tenantId: TenantId, name: string): Promise<string>;
}
