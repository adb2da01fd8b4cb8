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
   * @param signal once it is aborted nothing is sent any more, also by a function that was frozen meanwhile: a request that is under way is
   *   broken off, and none is repeated
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`, or the signal's reason; the bytes may have been stored all the same
   */
  put(tenantId: TenantId, content: NewContent, signal: AbortSignal): Promise<void>;

  /**
   * The bytes under a key.
   *
   * @throws ServiceError `GENERAL_INTERNAL_ERROR` with reason `content-missing` when nothing is there although a record says so,
   *   `GENERAL_DEPENDENCY_UNAVAILABLE` for every other failure of the store
   */
  get(tenantId: TenantId, key: string): Promise<Uint8Array>;

  /**
   * A link under which whoever has it may fetch the bytes for 60 s, with these headers. For content that is too large for an answer
   * of the function (Lambda: 6 MB); given out after authorisation only. The bytes are looked for and not read, so that a link leads to some;
   * that they hash to what the record says only who reads them can tell.
   *
   * @throws ServiceError as {@link get}
   */
  link(
    tenantId: TenantId,
    key: string,
    headers: { readonly contentType: string; readonly contentDisposition: string },
  ): Promise<string>;
}

/** Erases bytes. A port of its own, so that only who erases has it. */
export interface BinaryEraser {
  /**
   * Removes everything that is stored for a Binary: all versions and what attempts left behind.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`; some may be gone and the rest not
   */
  eraseAll(tenantId: TenantId, binaryId: string): Promise<void>;
}
