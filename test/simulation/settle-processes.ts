import type { SimulatedProcess } from './simulated-process.ts';

/** So many turns of the event loop are quick; then what is compressed elsewhere is given true time, some ten seconds of it. */
const patientTurns = 1000;
const mostTurns = 10_000;

/** Lets everything go on that waits for nothing. Reading a data set and storing one take turns of the real event loop. */
export const settleProcesses = async (
  processes: ReadonlySet<SimulatedProcess>,
  violate: (text: string) => void,
): Promise<void> => {
  for (let turn = 0; ; turn += 1) {
    await new Promise<void>((resolve) => {
      if (turn < 3) process.nextTick(resolve);
      else if (turn < patientTurns) setImmediate(resolve);
      else setTimeout(resolve, 1);
    });
    let isRunning = false;
    for (const one of processes) isRunning ||= one.isRunning;
    if (!isRunning) return;
    if (turn > mostTurns) return violate('a function waits for something that never comes');
  }
};
