/** A month's counts: its number (`year * 12 + month - 1`), patients of one day, patients of seven. */
export type Counts = readonly (readonly [month: number, active: number, activeSevenDays: number])[];

/** What a program that summarises a data set has found out about itself. */
export interface Findings {
  /** Processor time of the work, without the start of the process. */
  readonly workMillis: number;
  /** Time of the work by the clock. */
  readonly workWallMillis: number;
  /** The process's greatest resident set, by the kernel (`VmHWM`). */
  readonly peakMegabytes: number;
  /** Bytes or months, by what the program does. */
  readonly result: number | Counts;
}
