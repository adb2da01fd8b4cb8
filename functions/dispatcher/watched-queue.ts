import type { JobQueue } from '../jobs/job-queue.ts';
import type { Clock } from '../platform/clock.ts';

/** A queue for one tick, which remembers how it went. */
export interface WatchedQueue extends JobQueue {
  /** It takes no messages, or so slowly that another would cost the tick time that it has not (up to 12 s where it hangs), or has had its share of the tick. */
  isGivenUp(): boolean;
}

/** When a queue is given up, as far as one tick goes. */
export interface QueuePatience {
  /** Messages in a row that it did not take. */
  readonly failures: number;
  /** A message that takes no longer is as it should be, however many there are, in milliseconds. */
  readonly swift: number;
  /** What all messages together took beyond `swift`, those that it took included, in milliseconds: some are under way side by side. */
  readonly milliseconds: number;
  /** So long after the first message there is no further one, so that the tick comes to what needs none; in milliseconds. */
  readonly share: number;
}

/** Watches a queue. One that takes its messages swiftly is not given up before its share of the tick is over, however many they are. */
export const createWatchedQueue = (queue: JobQueue, clock: Clock, patience: QueuePatience): WatchedQueue => {
  let failures = 0;
  let spent = 0;
  let end = Number.POSITIVE_INFINITY;
  return {
    isGivenUp: () => failures >= patience.failures || spent >= patience.milliseconds || clock.now() >= end,
    async send(tenantId, binaryId) {
      const begun = clock.now();
      end = Math.min(end, begun + patience.share);
      try {
        await queue.send(tenantId, binaryId);
        failures = 0;
      } catch (error) {
        failures += 1;
        throw error;
      } finally {
        spent += Math.max(clock.now() - begun - patience.swift, 0);
      }
    },
  };
};
