import { type DataSetLimits, defaultLimits } from '../episodes/data-set-limits.ts';
import type { Segment } from './import.ts';
import { ImportError } from './import-problem.ts';

/** What a worker takes of a data set: more would be stored, become current, and fail every report. */
type WorkerLimits = Pick<DataSetLimits, 'storedBytes' | 'plainBytes' | 'episodes'>;

/** What an export may be at most. Beyond, its import fails instead of running out of memory or time (I8). */
export interface ImportLimits extends WorkerLimits {
  /** Files with EpisodeOfCare resources, in all pages of the manifest together. */
  readonly files: number;
  /** Pages of the manifest. */
  readonly pages: number;
  /** Bytes of one line. */
  readonly lineBytes: number;
  /** Plain bytes at which a segment is full. */
  readonly segmentBytes: number;
  /** Segments. Each takes some 250 bytes of the import's item, of which DynamoDB allows 400 kB. */
  readonly segments: number;
  /** Files of the export's `error[]` that are read, and bytes of each. */
  readonly errorFiles: number;
  readonly errorBytes: number;
}

/** Characters of an address that a server gives. A link that a store has signed with a session's token has more than 2000. */
export const longestLink = 8192;

const mebibyte = 1024 ** 2;

/** Those of data sets are in `functions/episodes/data-set-limits.ts`; a thousand segments of 64 MiB are more than they allow. */
export const defaultImportLimits: ImportLimits = {
  files: 10_000,
  pages: 100,
  lineBytes: defaultLimits.lineBytes,
  segmentBytes: 64 * mebibyte,
  segments: 1_000,
  errorFiles: 20,
  errorBytes: 4 * mebibyte,
  storedBytes: defaultLimits.storedBytes,
  plainBytes: defaultLimits.plainBytes,
  episodes: defaultLimits.episodes,
};

type SegmentSizes = Pick<Segment, 'bytes' | 'plainBytes' | 'count'>;

const sumOf = (segments: readonly SegmentSizes[], member: keyof SegmentSizes): number =>
  segments.reduce((sum, segment) => sum + segment[member], 0);

/**
 * Refuses what no worker could make a report of, as soon as that is known.
 *
 * @throws ImportError `TOO_LARGE` naming the limit
 */
export const requireReadable = (
  segments: readonly SegmentSizes[],
  { storedBytes, plainBytes, episodes }: WorkerLimits,
): void => {
  const refuse = (limit: string) => {
    throw new ImportError('TOO_LARGE', `A worker cannot read so much: more than ${limit}.`);
  };
  if (sumOf(segments, 'bytes') > storedBytes) refuse(`${storedBytes} bytes as they are stored`);
  if (sumOf(segments, 'plainBytes') > plainBytes) refuse(`${plainBytes} bytes`);
  if (sumOf(segments, 'count') > episodes) refuse(`${episodes} lines`);
};

/** An import that has not ended by then is failed: in milliseconds from its beginning. */
export const importDeadline = 6 * 3_600_000;

/** By then no run of an importer goes on that was under way: AWS Lambda allows one 15 minutes. In milliseconds. */
export const longestRun = 15 * 60_000;

/**
 * So long after an import's end, and after each look since, the bucket is looked at once more at the latest while something in it is to be
 * removed later, in milliseconds. The version of before knows no `tidied`: after a rollback it begins no other import of the tenant until then.
 */
export const longestUntidy = 3_600_000;

/** Attempts to tidy up after an import's end; then the export is left to the server, and what is stored to a later look. */
export const mostTidyings = 4;

/** Times that something is begun anew before an import fails. */
export const maxRestarts = 5;
