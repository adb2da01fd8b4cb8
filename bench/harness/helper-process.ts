import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Starts a program of `bench/` in a process of its own. Its standard output comes line by line to `onLine`; its errors go to ours.
 *
 * @param file `new URL('./program.ts', import.meta.url)`
 */
export const startProcess = (
  file: URL,
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void = () => {},
): ChildProcess => {
  const child = fork(fileURLToPath(file), {
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
    throw new Error(`a process of the experiment ended before it was ready: ${code ?? signal}`);
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
 * For such a program: says something to the process that started this one, which alone decides when this one ends; an
 * interrupt from the terminal reaches all of them, and only the first has to heed it.
 */
export const reportToParent = (message: Serializable): void => {
  process.send?.(message);
};

/** For such a program: ends with the process that started this one, whatever happened to it. */
export const followParent = (): void => {
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
};
