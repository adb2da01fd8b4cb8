import { isTenantId, type TenantId } from '../auth/tenant.ts';

/** What a queue message says: which import to look at, by opaque ids, and nothing else (invariant I9). */
export interface ImportMessage {
  readonly tenantId: TenantId;
  readonly importId: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The message's body: `{"tenant":"demo","importId":"…"}`. */
export const writeImportMessage = ({ tenantId, importId }: ImportMessage): string =>
  JSON.stringify({ tenant: tenantId, importId });

/** The message in a body, or undefined for a body that is not one. Members that a later version adds are ignored. */
export const readImportMessage = (body: string): ImportMessage | undefined => {
  try {
    const { tenant, importId } = JSON.parse(body) as { tenant?: unknown; importId?: unknown };
    if (typeof tenant !== 'string' || !isTenantId(tenant)) return undefined;
    return typeof importId === 'string' && uuid.test(importId) ? { tenantId: tenant, importId } : undefined;
  } catch {
    return undefined;
  }
};
