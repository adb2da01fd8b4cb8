import type { TenantId } from '../auth/tenant.ts';

/** Bytes on their way into the content store. */
export interface NewContent {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * The store of Binary versions' bytes. Keys are made by `contentKey` and are unique to an attempt; bytes under a key never change.
 * Every method checks that the key lies under the tenant's own prefix.
 */
export interface BinaryContent {
  /**
   * Stores bytes under a new key. Bytes that are there already under this key are this attempt's own and stay: not an error.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`; the bytes may have been stored all the same
   */
  put(tenantId: TenantId, content: NewContent): Promise<void>;

  /**
   * The bytes under a key.
   *
   * @throws ServiceError `GENERAL_INTERNAL_ERROR` with reason `content-missing` when nothing is there although a record says so,
   *   `GENERAL_DEPENDENCY_UNAVAILABLE` for every other failure of the store
   */
  get(tenantId: TenantId, key: string): Promise<Uint8Array>;
}
