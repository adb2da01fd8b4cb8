import type { TenantId } from '../auth/tenant.ts';

/** Orders placed from `from` on and before `to`: milliseconds since the epoch, as the Binary ids have them. */
export interface OrderWindow {
  readonly from: number;
  readonly to: number;
}

/** What is stored for one Binary. */
export interface StoredBinary {
  readonly binaryId: string;
  /** Content keys, in ascending order; at least one. */
  readonly keys: readonly string[];
  /** Of each key, in bytes. */
  readonly sizes: readonly number[];
}

/**
 * What lies in the content store, whether a record names it or not. A port of its own, so that only who cleans up has it: it looks at
 * all tenants, and sees keys and no bytes.
 *
 * Every method throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`.
 */
export interface BinaryInventory {
  /** Every tenant that has anything stored, those included that the registry no longer has. */
  tenants(): AsyncIterable<TenantId>;

  /**
   * The tenant's Binaries that were ordered within the window and have anything stored, in the order in which they were ordered. Costs
   * as much as is stored for them, however much else there is. Keys that are not of this service's form are passed over.
   */
  binaries(tenantId: TenantId, window: OrderWindow): AsyncIterable<StoredBinary>;

  /**
   * Removes these very objects; those that are gone already are no error.
   *
   * @throws also when a key lies outside the tenant's prefix: `GENERAL_INTERNAL_ERROR`
   */
  remove(tenantId: TenantId, keys: readonly string[]): Promise<void>;
}
