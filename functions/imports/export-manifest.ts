import * as v from 'valibot';
import { parseInstant } from '../episodes/fhir-date-time.ts';
import { isAhead } from '../episodes/is-ahead.ts';
import { longestLink } from './import-limits.ts';
import { ImportError } from './import-problem.ts';

/** A file that an export offers. */
export interface ExportFile {
  readonly url: string;
  /** Lines, where the server says so. */
  readonly count?: number | undefined;
}

/** What is read of one page of an export's manifest. */
export interface ManifestPage {
  /** A FHIR instant, as the server gave it. */
  readonly transactionTime: string;
  readonly requiresAccessToken: boolean;
  /** Files with EpisodeOfCare resources. */
  readonly files: readonly ExportFile[];
  /** Files with OperationOutcome resources: what could not be exported, or was to be said about it. */
  readonly errors: readonly ExportFile[];
  /** Where the next page is. */
  readonly next?: string | undefined;
}

const address = v.pipe(v.string(), v.maxLength(longestLink));
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entry = v.object({ type: v.string(), url: address, count: v.optional(wholeNumber) });

const schema = v.object({
  transactionTime: v.pipe(
    v.string(),
    v.check((text) => parseInstant(text) !== undefined),
  ),
  requiresAccessToken: v.boolean(),
  output: v.array(entry),
  error: v.optional(v.array(entry), []),
  link: v.optional(v.array(v.object({ relation: v.string(), url: address })), []),
  outputOrganizedBy: v.optional(v.unknown()),
});

const resolve = (url: string, from: string): string => {
  if (!URL.canParse(url, from)) throw new ImportError('MANIFEST_UNUSABLE', 'The manifest has an address that is none.');
  return new URL(url, from).href;
};

/**
 * Reads a page of the manifest of a completed export (Bulk Data Access IG 2.0.0, "Response - Complete Status"; `link` as in version 3).
 * Files of other types than EpisodeOfCare are left out: servers that do not know `_type` send them too.
 *
 * @param from where it came from: relative addresses begin there
 * @param now milliseconds since the epoch: a transactionTime that is to come is none
 * @throws ImportError `MANIFEST_UNUSABLE` naming the member, never its value
 */
export const parseManifestPage = (json: unknown, from: string, now: number): ManifestPage => {
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const member = v.getDotPath(result.issues[0]) ?? 'the whole';
    throw new ImportError('MANIFEST_UNUSABLE', `The manifest of the export: ${member} is missing or not usable.`);
  }
  const { transactionTime, requiresAccessToken, output, error, link, outputOrganizedBy } = result.output;
  const cutOff = parseInstant(transactionTime);
  if (cutOff !== undefined && isAhead(cutOff, now)) {
    throw new ImportError('MANIFEST_UNUSABLE', 'The manifest of the export: transactionTime is in the future.');
  }
  if (outputOrganizedBy !== undefined) {
    throw new ImportError('MANIFEST_UNUSABLE', 'Files with outputOrganizedBy (Bulk Data 3) are not read.');
  }
  const next = link.find(({ relation }) => relation === 'next')?.url;
  const toFile = ({ url, count }: v.InferOutput<typeof entry>): ExportFile => ({ url: resolve(url, from), count });
  return {
    transactionTime,
    requiresAccessToken,
    files: output.filter(({ type }) => type === 'EpisodeOfCare').map(toFile),
    errors: error.map(toFile),
    next: next === undefined ? undefined : resolve(next, from),
  };
};
