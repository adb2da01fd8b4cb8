/** Ports whose calls all take the same time, so that those under way together share a round. */
export interface CallRounds {
  /** The calls of each round so far, by name, as they were made. */
  readonly rounds: readonly (readonly string[])[];
  /** A port whose calls are made in rounds, as `<name>.<method>`. */
  guard<Port extends object>(port: Port, name: string): Port;
  /** Plays rounds until the work has ended. */
  play<Result>(work: Promise<Result>): Promise<Result>;
}

/** No round so far. */
export const createCallRounds = (): CallRounds => {
  const waiting: { readonly name: string; readonly go: () => void }[] = [];
  const rounds: (readonly string[])[] = [];
  return {
    rounds,
    guard: (port, name) =>
      new Proxy(port, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== 'function') return value;
          return async (...call: unknown[]) => {
            await new Promise<void>((go) => waiting.push({ name: `${name}.${String(method)}`, go }));
            return Reflect.apply(value, target, call);
          };
        },
      }),
    async play(work) {
      let isOver = false;
      const settled = work.finally(() => {
        isOver = true;
      });
      settled.catch(() => undefined);
      while (!isOver) {
        // Until nothing goes on by itself any more.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (waiting.length === 0) continue;
        rounds.push(waiting.map(({ name }) => name));
        for (const { go } of waiting.splice(0)) go();
      }
      return settled;
    },
  };
};
