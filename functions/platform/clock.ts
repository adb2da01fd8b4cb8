/** Where all time comes from, so that tests and the simulation decide what time it is. */
export interface Clock {
  /** Milliseconds since the epoch (UTC). */
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };
