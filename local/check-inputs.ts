import type { DataSetFile } from '../functions/episodes/data-set.ts';
import { type DataSetLimits, defaultLimits } from '../functions/episodes/data-set-limits.ts';
import type { Line } from '../functions/episodes/line-splitter.ts';
import { type ReadFile, readLines } from '../functions/episodes/read-lines.ts';
import { requireReadable } from '../functions/imports/import-limits.ts';
import { ImportError } from '../functions/imports/import-problem.ts';
import { createLineGate } from '../functions/imports/line-gate.ts';
import { ServiceError } from '../functions/platform/service-error.ts';
import { UnusableInput } from './data-set-input.ts';

const signal = new AbortController().signal;
const lineEnd = Buffer.from('\n');

/** What the importer's gate refuses, with the number of the line. */
const createLineCheck = (name: string, lineBytes: number) => {
  const gate = createLineGate(lineBytes, true);
  return ({ bytes, number, isEnded }: Line): void => {
    try {
      gate.push(isEnded ? Buffer.concat([bytes, lineEnd]) : bytes);
      if (!isEnded) gate.end();
    } catch (error) {
      throw error instanceof ImportError ? new UnusableInput(`${name} line ${number}: ${error.cause}`) : error;
    }
  };
};

const checkInput = async (file: DataSetFile, { lineBytes, plainBytes }: DataSetLimits): Promise<ReadFile> => {
  const check = createLineCheck(file.name, lineBytes);
  const read = await readLines(file, { signal, lineBytes, plainBytes }, check).catch((error: unknown) => {
    throw error instanceof ServiceError ? new UnusableInput(error.details.cause ?? error.code) : error;
  });
  if (read.lines === 0) throw new UnusableInput(`${file.name}: there is no line in it`);
  return read;
};

const requireDifferent = (reads: readonly ReadFile[]): void => {
  for (const [at, { name, sha256 }] of reads.entries()) {
    const first = reads.findIndex((other) => other.sha256 === sha256);
    if (first === at) continue;
    throw new UnusableInput(`${name}: the same, to the byte, as ${reads[first]?.name} before it (file ${first + 1})`);
  }
};

/**
 * Reads files once before anything is stored: counts, digests, and finds out whether each is whole and NDJSON of EpisodeOfCare, by the
 * rules of an import (`functions/imports/line-gate.ts`). What is within a line is for the report to judge, which has the tenant's
 * tolerance; but no report takes the same file twice, or more than a worker can read.
 *
 * @throws UnusableInput naming file and line, or the limit
 */
export const checkInputs = async (
  files: readonly DataSetFile[],
  limits: DataSetLimits = defaultLimits,
): Promise<readonly ReadFile[]> => {
  const reads: ReadFile[] = [];
  for (const file of files) reads.push(await checkInput(file, limits));
  requireDifferent(reads);
  try {
    requireReadable(
      reads.map(({ bytes, plainBytes, lines: count }) => ({ bytes, plainBytes, count })),
      limits,
    );
  } catch (error) {
    throw error instanceof ImportError ? new UnusableInput(error.cause) : error;
  }
  return reads;
};
