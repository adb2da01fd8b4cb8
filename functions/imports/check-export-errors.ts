import type { BulkDataClient } from './bulk-data-client.ts';
import type { ExportFile } from './export-manifest.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportError } from './import-problem.ts';
import { readText } from './read-answer.ts';
import { describeIssues, readOutcome, type ServerOutcome } from './read-outcome.ts';

const harmless: ReadonlySet<string> = new Set(['information', 'warning']);

const parseLine = (line: string): ServerOutcome | undefined => {
  try {
    return readOutcome(JSON.parse(line));
  } catch {
    return undefined;
  }
};

/**
 * Reads the export's `error[]` and decides whether its data may be used. The rule: it may while every issue of every OperationOutcome is
 * `information` or `warning`. An `error` or `fatal` one, or a line that is no OperationOutcome, can mean that episodes are missing (spec
 * rule 8: no silent undercount).
 *
 * @returns how many files there were
 * @throws ImportError `EXPORT_HAS_ERRORS`, and whatever reading them gives
 */
export const checkExportErrors = async (
  client: BulkDataClient,
  errors: readonly ExportFile[],
  needsToken: boolean,
  { errorFiles, errorBytes }: Pick<ImportLimits, 'errorFiles' | 'errorBytes'>,
  signal: AbortSignal,
): Promise<number> => {
  const fail = (why: string) =>
    new ImportError('EXPORT_HAS_ERRORS', `The export reported errors, so episodes may be missing: ${why}.`);
  if (errors.length > errorFiles) throw fail(`${errors.length} files of them`);
  for (const { url } of errors) {
    const answer = await client.open(url, needsToken, { accept: 'application/fhir+ndjson' }, signal);
    if (answer.status !== 200) {
      answer.body.on('error', () => undefined).destroy();
      throw fail(`a file of them was answered ${answer.status}`);
    }
    const lines = (await readText(answer, errorBytes, signal)).split('\n').filter((line) => line.trim() !== '');
    for (const line of lines) {
      const outcome = parseLine(line);
      if (outcome === undefined) throw fail('one is not an OperationOutcome');
      if (outcome.issues.some(({ severity }) => !harmless.has(severity))) throw fail(describeIssues(outcome));
    }
  }
  return errors.length;
};
