import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endProcess, startProcess } from '../harness/helper-process.ts';

/** Workers in processes of their own. */
export interface WorkerPool {
  /** Kills one of them with SIGKILL, one that has a job if there is any, and starts another. */
  kill(): void;
  /** No job is taken any more. */
  stop(): Promise<void>;
  readonly kills: number;
  /** How many of the killed ones had a job. */
  readonly killsWithJob: number;
  /** How often each event stands in their logs. */
  readonly events: ReadonlyMap<string, number>;
  /** The most memory that one of them had, in bytes (VmHWM); 0 where the system does not tell. */
  readonly peakMemory: number;
}

const eventPattern = /"event":"([A-Z_]+)"/;
const watchMillis = 500;

/** The most memory that a process had so far. */
const readPeak = (pid: number | undefined): number => {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
};

/** Starts workers that find their services and settings in the environment. One that ends by itself is told and started again. */
export const startWorkerPool = (size: number, environment: Readonly<Record<string, string>>): WorkerPool => {
  const workers = new Map<ChildProcess, { busy: boolean }>();
  const events = new Map<string, number>();
  const counts = { kills: 0, killsWithJob: 0, peak: 0 };
  let isStopping = false;

  const start = (): void => {
    const state = { busy: false };
    const worker = startProcess(new URL('./worker-process.ts', import.meta.url), environment, (line) => {
      const event = eventPattern.exec(line)?.[1];
      if (event === undefined) return;
      events.set(event, (events.get(event) ?? 0) + 1);
      if (event === 'JOB_CLAIMED') state.busy = true;
      else if (event.startsWith('JOB_')) state.busy = false;
    });
    workers.set(worker, state);
    worker.on('exit', (code, signal) => {
      workers.delete(worker);
      if (isStopping) return;
      if (signal !== 'SIGKILL') console.error(`a worker ended by itself: ${code ?? signal}`);
      start();
    });
  };
  for (let n = 0; n < size; n += 1) start();
  const watch = setInterval(() => {
    for (const { pid } of workers.keys()) counts.peak = Math.max(counts.peak, readPeak(pid));
  }, watchMillis);

  return {
    kill() {
      const all = [...workers];
      const busy = all.filter(([, { busy: hasJob }]) => hasJob);
      const choice = busy.length > 0 ? busy : all;
      const [victim] = choice[Math.floor(Math.random() * choice.length)] ?? [];
      if (victim === undefined) return;
      counts.kills += 1;
      if (busy.length > 0) counts.killsWithJob += 1;
      victim.kill('SIGKILL');
    },
    async stop() {
      isStopping = true;
      clearInterval(watch);
      await Promise.all([...workers.keys()].map((worker) => endProcess(worker, 'SIGKILL')));
    },
    get kills() {
      return counts.kills;
    },
    get killsWithJob() {
      return counts.killsWithJob;
    },
    get peakMemory() {
      return counts.peak;
    },
    events,
  };
};
