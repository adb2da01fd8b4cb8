/** What a data set may be at most. Beyond, a run ends with `DATA_SET_TOO_LARGE` instead of running out of memory or time (I8). */
export interface DataSetLimits {
  /** Bytes of the manifest. */
  readonly manifestBytes: number;
  /** Outputs in the manifest, of all types. */
  readonly outputs: number;
  /** Bytes of one line, unpacked. */
  readonly lineBytes: number;
  /** Bytes of all files together as they are stored: what comes from the store within a worker's time. */
  readonly storedBytes: number;
  /** Bytes of all files together, unpacked: what stops a small gzip file that unpacks to a huge one. */
  readonly plainBytes: number;
  /** Episodes with an id. One takes 9 to 18 bytes of memory. */
  readonly episodes: number;
  /** Distinct patients. One takes what its reference has behind the last slash, and 23 to 36 bytes of memory. */
  readonly patients: number;
  /** Runs of active days, about one an active interval. One takes 10 bytes. */
  readonly runs: number;
}

const mebibyte = 1024 ** 2;

/**
 * What a worker of 1769 MB with 300 s takes, as docs/limits.md derives it. A manifest names each file in some 150 bytes; an EpisodeOfCare
 * has a few kilobytes, so 16 MiB is thousands of times the usual.
 */
export const defaultLimits: DataSetLimits = {
  manifestBytes: 4 * mebibyte,
  outputs: 10_000,
  lineBytes: 16 * mebibyte,
  storedBytes: 12_288 * mebibyte,
  plainBytes: 36_864 * mebibyte,
  episodes: 25_000_000,
  patients: 5_000_000,
  runs: 40_000_000,
};
