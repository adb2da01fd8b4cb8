import type { ManifestFile } from './manifest.ts';

/**
 * Stored bytes that the smallest usual episode takes, plain and as gzip (measured on episodes in the shape of FUT's: 1400 and 84), so
 * that an estimate is rather too high.
 */
const plainBytes = 1000;
const gzipBytes = 60;

/**
 * How many episodes files have, before any of them is read: the manifest's counts, and where one is missing an estimate by the file's
 * stored bytes (and by its name: `.gz` is gzip). A file of which neither is known counts nothing.
 */
export const estimateEpisodes = (files: readonly Pick<ManifestFile, 'name' | 'bytes' | 'count'>[]): number =>
  files.reduce(
    (sum, { name, bytes = 0, count }) =>
      sum + (count ?? Math.ceil(bytes / (name.endsWith('.gz') ? gzipBytes : plainBytes))),
    0,
  );
