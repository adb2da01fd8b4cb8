import type { SimulatedProcess } from './simulated-process.ts';

/** A container and the function in it. */
export interface Container<Handler> {
  readonly process: SimulatedProcess;
  readonly handle: Handler;
  isBusy: boolean;
}

/** Containers of one function: an idle one is used again, dead ones are replaced. */
export const createPool = <Handler>(make: () => Container<Handler>) => {
  const containers: Container<Handler>[] = [];
  return {
    take(): Container<Handler> {
      const idle = containers.find(({ isBusy, process }) => !isBusy && process.isAlive);
      const taken = idle ?? make();
      if (idle === undefined) containers.push(taken);
      taken.isBusy = true;
      return taken;
    },
    busy: () => containers.filter(({ isBusy, process }) => isBusy && process.isAlive),
    all: () => containers.filter(({ process }) => process.isAlive).map(({ process }) => process),
  };
};
