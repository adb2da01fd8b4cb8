/** What runs later. Of its own, so that tests and the simulation decide when. */
export interface Timers {
  /** Runs again and again until the returned function is called. */
  every(milliseconds: number, run: () => void): () => void;
  /** Runs once, unless the returned function is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The longest delay that Node's timers know; longer ones would fire at once. */
const longestDelay = 2 ** 31 - 1;

/** Node's own timers. */
export const systemTimers: Timers = {
  every(milliseconds, run) {
    const timer = setInterval(run, Math.min(milliseconds, longestDelay));
    return () => clearInterval(timer);
  },
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.min(milliseconds, longestDelay));
    return () => clearTimeout(timer);
  },
};
