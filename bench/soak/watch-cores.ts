import { cpus } from 'node:os';

const readTimes = () => {
  const times = cpus().map(({ times: { idle, ...busy } }) => ({
    idle,
    busy: Object.values(busy).reduce((sum, millis) => sum + millis, 0),
  }));
  return { idle: times.reduce((sum, one) => sum + one.idle, 0), busy: times.reduce((sum, one) => sum + one.busy, 0) };
};

/** From now on measures how busy all cores of this machine are, whoever keeps them so. @returns asks for the share, 0 to 1 */
export const watchCores = (): (() => number) => {
  const before = readTimes();
  return () => {
    const after = readTimes();
    const busy = after.busy - before.busy;
    return busy / Math.max(busy + after.idle - before.idle, 1);
  };
};
