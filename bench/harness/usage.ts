const { writeSync } = process.getBuiltinModule('node:fs');

/** What a process has used since it was started. */
export interface Usage {
  /** Processor time of all its threads, user and system: what others do on the machine is not in it. */
  readonly cpuMillis: number;
  readonly wallMillis: number;
  /** The most memory that was resident at a time. */
  readonly peakBytes: number;
}

/** What this process has used so far, from the start of Node on. */
export const readUsage = (): Usage => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    cpuMillis: (userCPUTime + systemCPUTime) / 1000,
    wallMillis: performance.now(),
    peakBytes: maxRSS * 1024,
  };
};

/** Processor time of a piece of work in this process, in ms, with what its other threads did meanwhile (compiler, collector). */
export const measureCpu = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The file descriptor on which {@link reportUsage} and {@link runMeasured} meet. */
export const reportDescriptor = 3;

/** For a program that `runMeasured` started: reports what it has used until now, with what else it found out. Once. */
export const reportUsage = (findings: object = {}): void => {
  writeSync(reportDescriptor, JSON.stringify({ ...readUsage(), ...findings }));
};
