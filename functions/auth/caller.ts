import type { Tenant } from './tenant.ts';

/** Who a request comes from. Only a verified token makes one. */
export interface Caller {
  readonly tenant: Tenant;
  /** The token's `user_id`: 1 to 128 characters without control or format characters. Unique within the tenant only. */
  readonly userId: string;
  /** The token's `user_type`, as sent: `PRACTITIONER`, `SYSTEM`, `PATIENT` or anything else. */
  readonly userType: string;
  /** The token's roles, to the letter; empty when it has none. */
  readonly roles: ReadonlySet<string>;
}
