import type { JobQueue } from '../jobs/job-queue.ts';

/** A queue for one tick, which remembers how it went. */
export interface WatchedQueue extends JobQueue {
  /** It has taken none of the latest messages: to try another would cost the tick its time, up to 12 s each where the queue hangs. */
  isDown(): boolean;
}

/**
 * Watches a queue.
 *
 * @param patience after so many messages in a row that it did not take it is down, as far as this tick goes; one that it takes begins the count anew
 */
export const createWatchedQueue = (queue: JobQueue, patience: number): WatchedQueue => {
  let failures = 0;
  return {
    isDown: () => failures >= patience,
    async send(tenantId, binaryId) {
      try {
        await queue.send(tenantId, binaryId);
        failures = 0;
      } catch (error) {
        failures += 1;
        throw error;
      }
    },
  };
};
