import { defaultLimits } from '../episodes/data-set-limits.ts';

/** What an export may be at most. Beyond, its import fails instead of running out of memory or time (I8). */
export interface ImportLimits {
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

const mebibyte = 1024 ** 2;

/** A thousand segments of 64 MiB are as much as a data set may have (`functions/episodes/data-set-limits.ts`). */
export const defaultImportLimits: ImportLimits = {
  files: 10_000,
  pages: 100,
  lineBytes: defaultLimits.lineBytes,
  segmentBytes: 64 * mebibyte,
  segments: 1_000,
  errorFiles: 20,
  errorBytes: 4 * mebibyte,
};

/** An import that has not ended by then is failed: in milliseconds from its beginning. */
export const importDeadline = 6 * 3_600_000;
