import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Timers } from './timers.ts';

/** What can be done before the first request, by a fixed word for the log. */
export type WarmUps = Readonly<Record<string, () => unknown>>;

/** What warming up needs. */
export interface WarmUpDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** The longest that init waits for it: a fifth of what Lambda gives init before it starts over. */
const longestMillis = 2000;

/**
 * Does what the first request would else wait for, all of it at once. A container starts all the same: whatever fails or is not done
 * after 2 s is left to the requests, and is an event `WARM_UP_INCOMPLETE` with the words of what is missing.
 */
export const warmUp = async (warmUps: WarmUps, { clock, timers, logger }: WarmUpDependencies): Promise<void> => {
  const begun = clock.now();
  const missing = new Set(Object.keys(warmUps));
  const attempts = Object.entries(warmUps).map(async ([name, run]) => {
    await run();
    missing.delete(name);
  });
  const over = Promise.withResolvers<void>();
  const stop = timers.after(longestMillis, over.resolve);
  await Promise.race([Promise.allSettled(attempts), over.promise]);
  stop();
  if (missing.size === 0) return;
  logger.log('WARM_UP_INCOMPLETE', { missing: [...missing].join(' '), milliseconds: clock.now() - begun });
};
