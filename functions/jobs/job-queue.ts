import type { TenantId } from '../auth/tenant.ts';

/** The queue that wakes workers. Losing or repeating a message is harmless: the job item alone says what is to be done. */
export interface JobQueue {
  /**
   * Puts a job in the queue.
   *
   * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE`; the message may have been sent all the same
   */
  send(tenantId: TenantId, binaryId: string): Promise<void>;
}
