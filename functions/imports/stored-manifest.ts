import * as v from 'valibot';
import { type Instant, parseInstant } from '../episodes/fhir-date-time.ts';
import { importPrefix } from './data-set-files.ts';
import { type ManifestExtension, writeExtension } from './data-set-history.ts';
import type { Import } from './import.ts';

/** Name of the copy of its manifest that stays with an import's files: what makes an older data set usable again. */
export const manifestCopyName = (importId: string): string => `${importPrefix(importId)}/manifest.json`;

const requestOf = (importId: string): string => `urn:uuid:${importId}`;

const importIdIn = (name: string): string | undefined => /^imports\/([^/]+)\//.exec(name)?.[1];

/**
 * The manifest of the data set that an import has stored, as `functions/episodes/manifest.ts` reads it.
 *
 * @param extension the manifest's own (Bulk Data Access 2.0.0, "Response - Complete Status": an object, for whatever a server likes)
 */
export const writeStoredManifest = ({ importId, plan, segments }: Import, extension: ManifestExtension): string =>
  JSON.stringify({
    transactionTime: plan?.transactionTime,
    request: requestOf(importId),
    requiresAccessToken: false,
    extension: writeExtension(extension),
    output: segments.map(({ name, count, bytes, sha256 }) => ({
      type: 'EpisodeOfCare',
      url: name,
      count,
      extension: { bytes, sha256 },
    })),
    error: [],
  });

/** What an import has to know of the data set in use. */
export interface CurrentDataSet {
  /** `transactionTime`; undefined where the manifest has none that can be read. */
  readonly cutOff: Instant | undefined;
  readonly transactionTime: string | undefined;
  /** Names of its files. */
  readonly names: ReadonlySet<string>;
  /** Ids of the imports and loads that stored them; none for a data set that other tools put there. */
  readonly imports: ReadonlySet<string>;
  /** Whether it is the data set of that import. */
  isOf(importId: string): boolean;
}

const schema = v.object({
  transactionTime: v.optional(v.string()),
  request: v.optional(v.string()),
  output: v.array(v.object({ url: v.string() })),
});

/** Reads the manifest in use, whoever wrote it. One that cannot be read is a data set of nothing. */
export const readCurrentDataSet = (text: string | undefined): CurrentDataSet => {
  const parse = (): unknown => {
    try {
      return JSON.parse(text ?? '');
    } catch {
      return undefined;
    }
  };
  const result = v.safeParse(schema, parse());
  const { transactionTime, request, output } = result.success
    ? result.output
    : { transactionTime: undefined, request: undefined, output: [] };
  return {
    cutOff: parseInstant(transactionTime ?? ''),
    transactionTime,
    names: new Set(output.map(({ url }) => url)),
    imports: new Set(output.flatMap(({ url }) => importIdIn(url) ?? [])),
    isOf: (importId) => request === requestOf(importId),
  };
};
