import * as v from 'valibot';
import { ServiceError } from '../platform/service-error.ts';
import type { DataSetLimits } from './data-set-limits.ts';
import { parseInstant } from './fhir-date-time.ts';

/** The manifest's key below the tenant's prefix. It is written last and makes a data set current. */
export const manifestName = 'manifest.json';

/** One file that a manifest names. */
export interface ManifestFile {
  /** Key relative to the manifest's own prefix. */
  readonly name: string;
  readonly count?: number;
  /** Stored bytes and their SHA-256 (lower-case hex), where the output's `extension` gives them. */
  readonly bytes?: number;
  readonly sha256?: string;
}

/** What is read of a manifest. */
export interface Manifest {
  /** A FHIR instant, as it stands there. */
  readonly transactionTime: string;
  /** The files with EpisodeOfCare resources, in the manifest's order. */
  readonly files: readonly ManifestFile[];
}

/** The only version of FHIR whose files are read. */
const readFhirVersion = '4.0';

const longestName = 512;
const unusableCharacters = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\\]/u;

/** A key below the manifest's prefix: no URL, no way out of the prefix, nothing that could disturb a log. */
const isRelativeKey = (url: string): boolean =>
  url.length <= longestName &&
  !unusableCharacters.test(url) &&
  !/^[a-z][a-z0-9+.-]*:/i.test(url) &&
  url.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const outputSchema = v.object({
  type: v.string(),
  url: v.string(),
  count: v.optional(wholeNumber),
  extension: v.optional(
    v.object({
      bytes: v.optional(wholeNumber),
      sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
    }),
  ),
});

const manifestSchema = v.object({
  transactionTime: v.pipe(
    v.string(),
    v.check((text) => parseInstant(text) !== undefined),
  ),
  output: v.array(outputSchema),
  error: v.optional(v.array(v.unknown()), []),
  link: v.optional(v.array(v.object({ relation: v.string() })), []),
});

/** What would make the files something else than NDJSON of R4 EpisodeOfCare resources, whatever else the manifest has. */
const formatSchema = v.object({
  outputOrganizedBy: v.optional(v.unknown()),
  extension: v.optional(v.object({ fhirVersion: v.optional(v.unknown(), readFhirVersion) }), {}),
});

const malformed = (what: string): ServiceError =>
  new ServiceError('DATA_SET_MALFORMED', { cause: `${manifestName}: ${what}` });

const unsupported = (what: string): ServiceError =>
  new ServiceError('DATA_SET_UNSUPPORTED', { cause: `${manifestName}: ${what}` });

/** A data set of a later format must not be read as if it were of this one. */
const requireKnownFormat = (manifest: unknown): void => {
  const result = v.safeParse(formatSchema, manifest);
  if (!result.success) return;
  const { outputOrganizedBy, extension } = result.output;
  if (outputOrganizedBy !== undefined) throw unsupported('files with outputOrganizedBy (Bulk Data 3) are not read');
  const { fhirVersion } = extension;
  if (fhirVersion === readFhirVersion || String(fhirVersion).startsWith(`${readFhirVersion}.`)) return;
  throw unsupported(`only files of FHIR ${readFhirVersion} are read, and extension.fhirVersion says another`);
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed('not JSON in UTF-8');
  }
};

const readFile = ({ url, count, extension }: v.InferOutput<typeof outputSchema>, index: number): ManifestFile => {
  if (!isRelativeKey(url)) throw malformed(`output.${index}.url is not a key below the manifest's own prefix`);
  const bytes = extension?.bytes;
  const sha256 = extension?.sha256;
  return {
    name: url,
    ...(count !== undefined && { count }),
    ...(bytes !== undefined && { bytes }),
    ...(sha256 !== undefined && { sha256 }),
  };
};

/**
 * Reads the completion manifest of a FHIR Bulk Data export (Bulk Data Access IG 2.0.0, "Response - Complete Status") as it is
 * kept beside the files: each `url` is a key relative to it. Only outputs of type EpisodeOfCare are looked at; none is a data set
 * without episodes. An output's `extension` may give the stored file's `bytes` and `sha256`; both are checked when it is read.
 *
 * An export that reported errors (`error` not empty) may lack episodes and is not used, also where they are only warnings:
 * whoever has looked at them can take them out of the manifest. So is a manifest of which this is but one page (`link` to `next`,
 * Bulk Data 3). A manifest that says that its files are of another format, by `outputOrganizedBy` or by a FHIR version in
 * `extension.fhirVersion`, is not read either. `deleted` and all other members are ignored.
 *
 * @throws ServiceError `DATA_SET_MALFORMED` naming the member that cannot be used, never its value; `DATA_SET_INCOMPLETE` for an
 *   export with errors or further pages; `DATA_SET_TOO_LARGE` with more outputs than the limit; `DATA_SET_UNSUPPORTED`.
 */
export const parseManifest = (bytes: Uint8Array, limits: DataSetLimits): Manifest => {
  const json = parseJson(bytes);
  requireKnownFormat(json);
  const result = v.safeParse(manifestSchema, json);
  if (!result.success) throw malformed(`${v.getDotPath(result.issues[0]) ?? 'the whole'} is missing or not usable`);
  const { transactionTime, output, error, link } = result.output;
  if (output.length > limits.outputs) {
    throw new ServiceError('DATA_SET_TOO_LARGE', { cause: `${manifestName}: more than ${limits.outputs} outputs` });
  }
  if (error.length > 0) {
    const cause = `${manifestName}: the export reported errors (error is not empty), so episodes may be missing`;
    throw new ServiceError('DATA_SET_INCOMPLETE', { cause });
  }
  if (link.some(({ relation }) => relation === 'next')) {
    throw new ServiceError('DATA_SET_INCOMPLETE', { cause: `${manifestName}: further pages of the manifest follow` });
  }
  const files = output.flatMap((entry, index) => (entry.type === 'EpisodeOfCare' ? [readFile(entry, index)] : []));
  if (new Set(files.map(({ name }) => name)).size < files.length) throw malformed('the same url stands in two outputs');
  return { transactionTime, files };
};
