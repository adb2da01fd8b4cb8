import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Embedded } from '../../local/start-embedded.ts';
import type { Endpoints } from '../../local/start-emulators.ts';

/** What the process with the emulators says once they listen. */
export interface StoresReady {
  readonly endpoints: Endpoints;
}

/** What the process with the api is to know. */
export interface ApiTask {
  /** Users that get a token, by tenant. */
  readonly users: Readonly<Record<string, readonly string[]>>;
}

/** What the process with the api says once it answers. */
export interface ApiReady {
  readonly kind: 'ready';
  readonly baseUrl: string;
  readonly resources: Embedded['resources'];
  /** The settings of the worker. */
  readonly workerEnvironment: Readonly<Record<string, string>>;
  /** By user, for each tenant. */
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The memory of the process with the api, in bytes, right after a garbage collection. */
export interface MemorySample {
  readonly kind: 'memory';
  readonly second: number;
  readonly rss: number;
  readonly heap: number;
}

/** Starts another program of this folder. Its standard output comes line by line to `onLine`; its errors go to ours. */
export const startProcess = (
  file: string,
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void = () => {},
): ChildProcess => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    env: { ...process.env, ...environment },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return child;
};

/**
 * The first message of a process.
 *
 * @throws Error when it ends without one
 */
export const firstMessage = async <Message>(child: ChildProcess): Promise<Message> => {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`a process of the soak ended before it was ready: ${code ?? signal}`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message as Message;
};

/** Ends a process with a signal, and waits until it is gone. */
export const endProcess = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
};

/**
 * For the programs of this folder: says something to the process that started this one, which alone decides when this one ends; an
 * interrupt from the terminal reaches all of them, and only the first has to heed it.
 */
export const reportToParent = (message: Serializable): void => {
  process.send?.(message);
};

/** For the programs of this folder: ends with the process that started this one, whatever happened to it. */
export const followParent = (): void => {
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
};
