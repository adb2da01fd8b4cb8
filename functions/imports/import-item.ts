import { restoreTenantId, type TenantId } from '../auth/tenant.ts';
import type { Import } from './import.ts';

/** Hash key of the sparse index `open`, in which an import stands for as long as there is something to do: few tenants import at a time. */
export const openKey = 'import';

type Attributes = Readonly<Record<string, unknown>>;

/** Members that are times; in the item they are ISO 8601, UTC, with milliseconds, so that they sort as text and people can read them. */
const times = ['begun', 'ended', 'deadline', 'due'] as const;

/** Key of a tenant's item. */
export const importKey = (tenantId: TenantId): { readonly tenant: string } => ({ tenant: tenantId });

/** Text form of a time. */
export const toTimeText = (millis: number): string => new Date(millis).toISOString();

const readTime = (value: unknown): number => {
  const millis = Date.parse(String(value));
  if (Number.isNaN(millis)) throw new TypeError('an import item has an unreadable time');
  return millis;
};

/** The DynamoDB item of an import. */
export const toImportItem = ({ tenantId, lease, ...rest }: Import): Attributes => {
  const texts = times.flatMap((name) => (rest[name] === undefined ? [] : [[name, toTimeText(rest[name])] as const]));
  return {
    ...rest,
    ...importKey(tenantId),
    ...Object.fromEntries(texts),
    ...(lease === undefined ? {} : { leaseToken: lease.token, leaseUntil: toTimeText(lease.until) }),
    ...(rest.due === undefined ? {} : { open: openKey }),
  };
};

/**
 * The import in an item that this service wrote. Attributes that a later version added are left alone.
 *
 * @throws TypeError when the item is damaged
 */
export const fromImportItem = (item: Attributes): Import => {
  const { tenant, open: _open, leaseToken, leaseUntil, ...rest } = item;
  const read = times.flatMap((name) => (rest[name] === undefined ? [] : [[name, readTime(rest[name])] as const]));
  return {
    ...(rest as unknown as Import),
    ...Object.fromEntries(read),
    tenantId: restoreTenantId(String(tenant)),
    ...(typeof leaseToken === 'string' ? { lease: { token: leaseToken, until: readTime(leaseUntil) } } : {}),
  };
};
