import type { Timers } from '../../functions/platform/timers.ts';
import type { ManualClock } from './manual-clock.ts';

/** Timers that fire when they are told to. */
export interface ManualTimers extends Timers {
  /** Lets time pass on the clock, and everything that falls due in it run, in order; waits for what that starts. */
  pass(millis: number): Promise<void>;
  /** How many timers are set. */
  readonly pending: number;
}

interface Entry {
  at: number;
  readonly every: number | undefined;
  readonly run: () => void;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Timers over a clock that stands still until it is moved. */
export const createManualTimers = (clock: ManualClock): ManualTimers => {
  const entries = new Set<Entry>();
  const set = (milliseconds: number, every: number | undefined, run: () => void) => {
    const entry: Entry = { at: clock.now() + milliseconds, every, run };
    entries.add(entry);
    return () => void entries.delete(entry);
  };
  const next = (until: number): Entry | undefined =>
    [...entries].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
  return {
    every: (milliseconds, run) => set(milliseconds, milliseconds, run),
    after: (milliseconds, run) => set(milliseconds, undefined, run),
    get pending() {
      return entries.size;
    },
    async pass(millis) {
      await settle();
      const until = clock.now() + millis;
      for (let entry = next(until); entry !== undefined; entry = next(until)) {
        clock.advance(Math.max(entry.at - clock.now(), 0));
        if (entry.every === undefined) entries.delete(entry);
        else entry.at += entry.every;
        entry.run();
        await settle();
      }
      clock.advance(until - clock.now());
    },
  };
};
