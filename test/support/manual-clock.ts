import type { Clock } from '../../functions/platform/clock.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves it, by milliseconds; backwards when negative. */
  advance(millis: number): void;
}

/** A clock that shows the given instant, the contract's example by default. */
export const createManualClock = (instant = '2026-04-16T11:44:11.919Z'): ManualClock => {
  let now = Date.parse(instant);
  return {
    now: () => now,
    advance: (millis) => {
      now += millis;
    },
  };
};
