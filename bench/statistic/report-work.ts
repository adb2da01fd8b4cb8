import { readFileSync } from 'node:fs';
import { reportUsage } from '../harness/usage.ts';
import type { Findings } from './counts.ts';

/** The greatest resident set of this process, in MB of 10^6 bytes: `VmHWM` where the kernel tells it. */
const readPeak = (): number => {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
};

/** Does a piece of work, and reports what it took to whoever has started this process. */
export const reportWork = async (work: () => Promise<Findings['result']>): Promise<void> => {
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const findings: Findings = {
    workMillis: (user + system) / 1000,
    workWallMillis: performance.now() - started,
    peakMegabytes: readPeak(),
    result,
  };
  reportUsage(findings);
};
