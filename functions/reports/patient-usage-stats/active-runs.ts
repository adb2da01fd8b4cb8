import { createByteIndex } from '../../episodes/byte-index.ts';
import type { ByteText } from '../../episodes/byte-text.ts';
import { ServiceError } from '../../platform/service-error.ts';

/** What one collection may hold; see `DataSetLimits`. */
export interface RunLimits {
  readonly patients: number;
  readonly runs: number;
}

/** Runs of active days of many patients, held as plain numbers: 10 bytes a run. */
export interface ActiveRuns {
  /**
   * The number of the patient whose reference stands from `from` to `to`: from 0 on, in the order in which they come.
   *
   * @throws ServiceError `DATA_SET_TOO_LARGE` past the limit.
   */
  patientAt(text: ByteText, from: number, to: number): number;
  /**
   * Adds a run of days, both included, to a patient. Runs of one patient may overlap and come in any order. One of more than
   * {@link longestRun} days counts as several.
   *
   * @throws ServiceError `DATA_SET_TOO_LARGE` past the limit.
   */
  add(patient: number, firstDay: number, lastDay: number): void;
  /** Distinct patients so far. */
  readonly patients: number;
  /** Runs so far. */
  readonly length: number;
  /** The first and the last day of all runs; infinite where there is none. */
  readonly firstDay: number;
  readonly lastDay: number;
  /** A patient's runs, packed (see {@link packDays}) and in order. Only valid until the next call. */
  runsOf(patient: number): Float64Array;
}

/** Days of a run at most: 179 years. */
export const longestRun = 2 ** 16;

/** Days of the years 0001 to 9999, give or take a day, made positive: 22 bits each. */
const bias = 800_000;
const lastDayRange = 2 ** 22;

/** A run of days as one exact number that sorts by its first, then its last day. */
export const packDays = (firstDay: number, lastDay: number): number =>
  (firstDay + bias) * lastDayRange + lastDay + bias;

/** The first day of a packed run. */
export const firstDayOf = (packed: number): number => Math.floor(packed / lastDayRange) - bias;

/** The last day of a packed run. */
export const lastDayOf = (packed: number): number => (packed % lastDayRange) - bias;

const tooLarge = (cause: string): ServiceError => new ServiceError('DATA_SET_TOO_LARGE', { cause });

/** Numbers lie in chunks that are never moved: room for more needs no copy. */
const chunkBits = 14;
const chunkLength = 1 << chunkBits;
const inChunk = chunkLength - 1;

/** Longer arrays are left to the runtime, which needs no time by the square of their length. */
const longestInsertion = 24;

const sort = (numbers: Float64Array): void => {
  if (numbers.length > longestInsertion) {
    numbers.sort();
    return;
  }
  for (let at = 1; at < numbers.length; at += 1) {
    const number = numbers[at] ?? 0;
    let to = at;
    for (; to > 0 && (numbers[to - 1] ?? 0) > number; to -= 1) numbers[to] = numbers[to - 1] ?? 0;
    numbers[to] = number;
  }
};

/** The runs of each patient as a chain: a patient's latest run, and to each run the one before. 0 is none, so runs count from 1. */
const createChains = () => {
  const latest: Int32Array[] = [];
  const before: Int32Array[] = [];
  const firstDays: Int32Array[] = [];
  /** How many days come after the first. */
  const moreDays: Uint16Array[] = [];
  return {
    add(patient: number, run: number, firstDay: number, lastDay: number): void {
      const [chunk, at] = [patient >> chunkBits, patient & inChunk];
      latest[chunk] ??= new Int32Array(chunkLength);
      const runChunk = run >> chunkBits;
      before[runChunk] ??= new Int32Array(chunkLength);
      firstDays[runChunk] ??= new Int32Array(chunkLength);
      moreDays[runChunk] ??= new Uint16Array(chunkLength);
      (before[runChunk] as Int32Array)[run & inChunk] = latest[chunk][at] ?? 0;
      (firstDays[runChunk] as Int32Array)[run & inChunk] = firstDay;
      (moreDays[runChunk] as Uint16Array)[run & inChunk] = lastDay - firstDay;
      latest[chunk][at] = run;
    },
    latestOf: (patient: number): number => latest[patient >> chunkBits]?.[patient & inChunk] ?? 0,
    before: (run: number): number => before[run >> chunkBits]?.[run & inChunk] ?? 0,
    daysOf(run: number): number {
      const first = firstDays[run >> chunkBits]?.[run & inChunk] ?? 0;
      return packDays(first, first + (moreDays[run >> chunkBits]?.[run & inChunk] ?? 0));
    },
  };
};

/** An empty collection. It only ever grows. */
export const createActiveRuns = (limits: RunLimits): ActiveRuns => {
  const names = createByteIndex();
  const chains = createChains();
  let found = new Float64Array(16);
  const runs: ActiveRuns & { patients: number; length: number; firstDay: number; lastDay: number } = {
    patients: 0,
    length: 0,
    firstDay: Number.POSITIVE_INFINITY,
    lastDay: Number.NEGATIVE_INFINITY,
    patientAt(text, from, to) {
      const patient = names.numberOf(text, from, to);
      runs.patients = names.size;
      if (patient < limits.patients) return patient;
      throw tooLarge(`the data set has more than ${limits.patients} patients`);
    },
    add(patient, firstDay, lastDay) {
      for (let from = firstDay; from <= lastDay; from += longestRun) {
        if (runs.length >= limits.runs) throw tooLarge(`the data set has more than ${limits.runs} active intervals`);
        runs.length += 1;
        chains.add(patient, runs.length, from, Math.min(lastDay, from + longestRun - 1));
      }
      if (firstDay < runs.firstDay) runs.firstDay = firstDay;
      if (lastDay > runs.lastDay) runs.lastDay = lastDay;
    },
    runsOf(patient) {
      let count = 0;
      for (let run = chains.latestOf(patient); run !== 0; run = chains.before(run)) {
        if (count === found.length) {
          const fewer = found;
          found = new Float64Array(2 * count);
          found.set(fewer);
        }
        found[count] = chains.daysOf(run);
        count += 1;
      }
      const ofPatient = found.subarray(0, count);
      sort(ofPatient);
      return ofPatient;
    },
  };
  return runs;
};
