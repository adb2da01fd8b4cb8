import type { TenantId } from '../auth/tenant.ts';

/** The queue that wakes importers. Losing or repeating a message is harmless: the import's item alone says what is to be done. */
export interface ImportQueue {
  /**
   * Puts an import in the queue.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`; the message may have been sent all the same
   */
  send(tenantId: TenantId, importId: string): Promise<void>;
}
