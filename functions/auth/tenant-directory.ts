import { parseTenant } from './parse-tenant.ts';
import type { Tenant, TenantId } from './tenant.ts';
import type { TrustedPrivateHosts } from './trusted-private-hosts.ts';

/** Why a record does not serve. */
export interface UnusableTenant {
  /** The record's id, or `unknown` where it does not have the form of one. */
  readonly tenant: TenantId | 'unknown';
  /** One line a problem; never a value. */
  readonly problems: readonly string[];
}

/** One reading of the registry, by issuer and by id. */
export interface TenantDirectory {
  readonly byIssuer: ReadonlyMap<string, Tenant>;
  readonly byId: ReadonlyMap<TenantId, Tenant>;
  readonly unusable: readonly UnusableTenant[];
}

const groupBy = <Key>(
  tenants: readonly Tenant[],
  keyOf: (tenant: Tenant) => Key,
): ReadonlyMap<Key, readonly Tenant[]> => Map.groupBy(tenants, keyOf);

const place = (tenant: Tenant, region: string): Tenant =>
  tenant.region === undefined || tenant.region === region ? tenant : { ...tenant, elsewhere: true };

/**
 * Checks every record on its own, so that a broken one disables only itself. Tenants that share an issuer (or an id) are all left out:
 * a token could not say whose it is.
 *
 * @param region the AWS region that reads: tenants of another one are `elsewhere`.
 */
export const buildTenantDirectory = (
  records: readonly unknown[],
  trusted: TrustedPrivateHosts,
  region: string,
): TenantDirectory => {
  const tenants: Tenant[] = [];
  const unusable: UnusableTenant[] = [];
  for (const record of records) {
    const parsed = parseTenant(record, trusted);
    if (parsed.ok) tenants.push(place(parsed.tenant, region));
    else unusable.push({ tenant: parsed.id ?? 'unknown', problems: parsed.problems });
  }
  const sameIssuer = groupBy(tenants, ({ issuer }) => issuer);
  const sameId = groupBy(tenants, ({ id }) => id);
  const byIssuer = new Map<string, Tenant>();
  const byId = new Map<TenantId, Tenant>();
  for (const tenant of tenants) {
    const problems: string[] = [];
    if ((sameIssuer.get(tenant.issuer)?.length ?? 0) > 1) problems.push('issuer: is used by another tenant');
    if ((sameId.get(tenant.id)?.length ?? 0) > 1) problems.push('id: is used by another tenant');
    if (problems.length > 0) unusable.push({ tenant: tenant.id, problems });
    else {
      byIssuer.set(tenant.issuer, tenant);
      byId.set(tenant.id, tenant);
    }
  }
  return { byIssuer, byId, unusable };
};
