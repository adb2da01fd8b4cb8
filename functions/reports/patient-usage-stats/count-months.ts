import { setImmediate as nextTurn } from 'node:timers/promises';
import { monthOfDay } from '../../episodes/calendar.ts';
import { type ActiveRuns, firstDayOf, lastDayOf } from './active-runs.ts';
import { createMonthTally, type MonthCount, type MonthTally } from './month-tally.ts';

/** Runs that are worked on before other work of the process gets its turn: some tens of milliseconds. */
const runsPerTurn = 250_000;

const takeTurns = async (count: number, signal: AbortSignal, work: (at: number) => void): Promise<void> => {
  for (let from = 0; from < count; from += runsPerTurn) {
    signal.throwIfAborted();
    for (let at = from; at < Math.min(count, from + runsPerTurn); at++) work(at);
    await nextTurn();
  }
};

/** The runs of all patients, one patient after another, and where each patient's begin (counting sort). */
const groupByPatient = async (runs: ActiveRuns, signal: AbortSignal) => {
  const begins = new Uint32Array(runs.patients + 1);
  await takeTurns(runs.length, signal, (run) => {
    const next = runs.patientOf(run) + 1;
    begins[next] = (begins[next] ?? 0) + 1;
  });
  for (let patient = 1; patient < begins.length; patient++) {
    begins[patient] = (begins[patient] ?? 0) + (begins[patient - 1] ?? 0);
  }
  const places = begins.slice();
  const days = new Float64Array(runs.length);
  await takeTurns(runs.length, signal, (run) => {
    const patient = runs.patientOf(run);
    const place = places[patient] ?? 0;
    places[patient] = place + 1;
    days[place] = runs.daysOf(run);
  });
  return { begins, days };
};

/** Gives a patient's days to the tally, each day once, however many runs have it. */
const tallyPatient = (days: Float64Array, tally: MonthTally): void => {
  if (days.length > 1) days.sort();
  let first = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const packed of days) {
    const nextFirst = firstDayOf(packed);
    if (nextFirst > last + 1) {
      if (last >= first) tally.addDays(first, last);
      first = nextFirst;
    }
    last = Math.max(last, lastDayOf(packed));
  }
  if (last >= first) tally.addDays(first, last);
  tally.endPatient();
};

/**
 * Counts unique patients month by month (rules 5 and 6): every month from the first to the last in which anyone was active.
 * Nobody ever active: none. Takes turns with other work of the process.
 *
 * @throws the signal's reason when it is aborted.
 */
export const countMonths = async (runs: ActiveRuns, signal: AbortSignal): Promise<readonly MonthCount[]> => {
  if (runs.length === 0) return [];
  let [firstDay, lastDay] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  await takeTurns(runs.length, signal, (run) => {
    const packed = runs.daysOf(run);
    firstDay = Math.min(firstDay, firstDayOf(packed));
    lastDay = Math.max(lastDay, lastDayOf(packed));
  });
  const { begins, days } = await groupByPatient(runs, signal);
  const tally = createMonthTally(monthOfDay(firstDay), monthOfDay(lastDay));
  await takeTurns(runs.patients, signal, (patient) => {
    tallyPatient(days.subarray(begins[patient], begins[patient + 1]), tally);
  });
  return tally.counts();
};
