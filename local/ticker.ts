/** A running ticker. */
export interface Ticker {
  /** No tick begins any more; one that runs is waited for. */
  stop(): Promise<void>;
}

/**
 * Calls a function at once and then at a fixed rate, never twice at a time: a tick that is due while one still runs is left out, as
 * the function's reserved concurrency of 1 has it.
 *
 * @param onError is told when a tick fails; the ticker goes on
 */
export const startTicker = (seconds: number, tick: () => Promise<void>, onError: (error: unknown) => void): Ticker => {
  let running: Promise<void> | undefined;
  const begin = (): void => {
    running ??= tick()
      .catch(onError)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(begin, seconds * 1000);
  begin();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
