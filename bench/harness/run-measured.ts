import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { reportDescriptor, type Usage } from './usage.ts';

/** A program of its own process that measures itself. */
export interface MeasuredProgram {
  /** A path. */
  readonly file: string;
  readonly arguments?: readonly string[];
  /** Its whole environment; left out, ours. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Flags of Node, such as `--max-old-space-size=512`. */
  readonly flags?: readonly string[];
}

/**
 * Runs a program to its end, with the Node that runs this one.
 *
 * @returns what it has reported with `reportUsage`
 * @throws Error with what it wrote to stderr, when it fails, or ends without a report
 */
export const runMeasured = async <Findings extends object = object>(
  program: MeasuredProgram,
): Promise<Usage & Findings> => {
  const { file, arguments: own = [], environment = process.env, flags = [] } = program;
  const child = spawn(process.execPath, [...flags, file, ...own], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [said, complaint, [code, signal]] = await Promise.all([
    text(child.stdio[reportDescriptor] as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    ended,
  ]);
  if (code !== 0 || said.length === 0) throw new Error(`${file} ended with ${code ?? signal}: ${complaint}`);
  return JSON.parse(said);
};
