import type { ExportFile } from './export-manifest.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportError } from './import-problem.ts';
import { type FileDependencies, openExportFile } from './open-export-file.ts';
import { describeIssues, readOutcome, type ServerOutcome } from './read-outcome.ts';

const harmless: ReadonlySet<string> = new Set(['information', 'warning']);

const parseLine = (line: string): ServerOutcome | undefined => {
  try {
    return readOutcome(JSON.parse(line));
  } catch {
    return undefined;
  }
};

const readLines = async (
  dependencies: FileDependencies,
  file: ExportFile,
  needsToken: boolean,
  mostBytes: number,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const wanted = { stored: 0, offset: 0 };
  const opened = await openExportFile(dependencies, file, needsToken, wanted, signal);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of opened.chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new ImportError('TOO_LARGE', `it has more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
};

/**
 * Reads the export's `error[]` and decides whether its data may be used. The rule: it may while every issue of every OperationOutcome is
 * `information` or `warning`. An `error` or `fatal` one, or a line that is no OperationOutcome, can mean that episodes are missing (spec
 * rule 8: no silent undercount). The files have the form that the export's others have.
 *
 * @returns how many files there were
 * @throws ImportError `EXPORT_HAS_ERRORS`, and whatever reading them gives, naming the file by its number
 */
export const checkExportErrors = async (
  dependencies: FileDependencies,
  errors: readonly ExportFile[],
  needsToken: boolean,
  { errorFiles, errorBytes }: Pick<ImportLimits, 'errorFiles' | 'errorBytes'>,
  signal: AbortSignal,
): Promise<number> => {
  const fail = (why: string) =>
    new ImportError('EXPORT_HAS_ERRORS', `The export reported errors, so episodes may be missing: ${why}.`);
  if (errors.length > errorFiles) throw fail(`${errors.length} files of them`);
  for (const [index, file] of errors.entries()) {
    const lines = await readLines(dependencies, file, needsToken, errorBytes, signal).catch((error: unknown) => {
      if (!(error instanceof ImportError)) throw error;
      const { code, cause, retryAfter } = error;
      throw new ImportError(code, `File ${index + 1} of ${errors.length} of the export's errors: ${cause}`, retryAfter);
    });
    for (const line of lines) {
      const outcome = parseLine(line);
      if (outcome === undefined) throw fail('one is not an OperationOutcome');
      if (outcome.issues.some(({ severity }) => !harmless.has(severity))) throw fail(describeIssues(outcome));
    }
  }
  return errors.length;
};
