import { isTenantId, restoreTenantId, type TenantId } from '../auth/tenant.ts';
import { isBinaryId } from '../binaries/binary.ts';

/** What a queue message says: which job to look at, by opaque ids, and nothing else (invariant I9). */
export interface JobMessage {
  readonly tenantId: TenantId;
  readonly binaryId: string;
}

/** The message's body: `{"tenant":"demo","binaryId":"…"}`. */
export const writeJobMessage = ({ tenantId, binaryId }: JobMessage): string =>
  JSON.stringify({ tenant: tenantId, binaryId });

/** The message in a body, or undefined for a body that is not one. Members that a later version adds are ignored. */
export const readJobMessage = (body: string): JobMessage | undefined => {
  try {
    const { tenant, binaryId } = JSON.parse(body) as { tenant?: unknown; binaryId?: unknown };
    if (typeof tenant !== 'string' || !isTenantId(tenant)) return undefined;
    if (typeof binaryId !== 'string' || !isBinaryId(binaryId)) return undefined;
    return { tenantId: restoreTenantId(tenant), binaryId };
  } catch {
    return undefined;
  }
};
