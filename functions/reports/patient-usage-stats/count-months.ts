import { setImmediate as nextTurn } from 'node:timers/promises';
import { monthOfDay } from '../../episodes/calendar.ts';
import { type ActiveRuns, firstDayOf, lastDayOf } from './active-runs.ts';
import { createMonthTally, type MonthCount, type MonthTally } from './month-tally.ts';

/** Patients that are worked on before other work of the process gets its turn: some tens of milliseconds. */
const patientsPerTurn = 50_000;

/** Gives a patient's days to the tally, each day once, however many runs have it. */
const tallyPatient = (runs: Float64Array, tally: MonthTally): void => {
  let first = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const packed of runs) {
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
  const tally = createMonthTally(monthOfDay(runs.firstDay), monthOfDay(runs.lastDay));
  for (let from = 0; from < runs.patients; from += patientsPerTurn) {
    signal.throwIfAborted();
    const to = Math.min(runs.patients, from + patientsPerTurn);
    for (let patient = from; patient < to; patient += 1) tallyPatient(runs.runsOf(patient), tally);
    await nextTurn();
  }
  return tally.counts();
};
