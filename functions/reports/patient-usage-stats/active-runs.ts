import { ServiceError } from '../../platform/service-error.ts';

/** What one collection may hold; see `DataSetLimits`. */
export interface RunLimits {
  readonly patients: number;
  readonly runs: number;
}

/** Runs of active days of many patients, held as plain numbers: 12 bytes a run. */
export interface ActiveRuns {
  /**
   * Adds runs of days to a patient, and the patient where it is new, also without any run.
   *
   * @param runs pairs `first, last, first, last, …`, both included, in any order; they may overlap.
   * @throws ServiceError `DATA_SET_TOO_LARGE` past a limit.
   */
  add(patient: string, runs: readonly number[]): void;
  /** Distinct patients so far. */
  readonly patients: number;
  /** Runs so far. */
  readonly length: number;
  /** The number of the run's patient, from 0 on in the order in which patients came. */
  patientOf(run: number): number;
  /** The run's days as one number, see {@link packDays}. */
  daysOf(run: number): number;
}

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

/** An empty collection. It only ever grows. */
export const createActiveRuns = (limits: RunLimits): ActiveRuns => {
  const numbers = new Map<string, number>();
  let patients = new Int32Array(1024);
  let days = new Float64Array(1024);
  let length = 0;
  const numberOf = (patient: string): number => {
    const known = numbers.get(patient);
    if (known !== undefined) return known;
    if (numbers.size >= limits.patients) throw tooLarge(`the data set has more than ${limits.patients} patients`);
    numbers.set(patient, numbers.size);
    return numbers.size - 1;
  };
  const grow = (): void => {
    const [fewerPatients, fewerDays] = [patients, days];
    patients = new Int32Array(length * 2);
    patients.set(fewerPatients);
    days = new Float64Array(length * 2);
    days.set(fewerDays);
  };
  return {
    add(patient, runs) {
      const number = numberOf(patient);
      for (let at = 0; at + 1 < runs.length; at += 2) {
        if (length >= limits.runs) throw tooLarge(`the data set has more than ${limits.runs} active intervals`);
        if (length === days.length) grow();
        patients[length] = number;
        days[length] = packDays(runs[at] ?? 0, runs[at + 1] ?? 0);
        length += 1;
      }
    },
    get patients() {
      return numbers.size;
    },
    get length() {
      return length;
    },
    patientOf: (run) => patients[run] ?? 0,
    daysOf: (run) => days[run] ?? 0,
  };
};
