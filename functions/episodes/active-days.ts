import type { ActiveInterval, Rejection } from './episode-of-care.ts';
import { compareInstants, type Days, type Instant } from './fhir-date-time.ts';
import type { TimeZone } from './time-zone.ts';

const instantAt = (millis: number): Instant => ({ kind: 'instant', millis, rest: '' });

/** Whether the last that the end covers lies before the first that the start covers. An end at its start is empty, not wrong. */
const endsBeforeItStarts = (start: Instant | Days, end: Instant | Days, zone: TimeZone): boolean => {
  if (end.kind === 'instant') {
    const first = start.kind === 'instant' ? start : instantAt(zone.startOfDay(start.firstDay));
    return compareInstants(end, first) < 0;
  }
  if (start.kind === 'days') return end.lastDay < start.firstDay;
  return compareInstants(instantAt(zone.endOfDay(end.lastDay)), start) <= 0;
};

/** Appends a run to pairs of days, or lets it become part of the last one where they meet. */
const addRun = (runs: number[], first: number, last: number): void => {
  const [lastFirst, lastLast] = runs.slice(-2);
  if (lastFirst === undefined || lastLast === undefined || first > lastLast + 1) runs.push(first, last);
  else runs.splice(-2, 2, Math.min(lastFirst, first), Math.max(lastLast, last));
};

/**
 * The local days on which an interval is active (rules 2 to 4), clipped at the data cut-off, an instant that is itself
 * excluded: runs of days as pairs `first, last, first, last, …`, both included. An empty interval has none.
 *
 * A start or end with date precision or less means whole local days, so no day outside them is active, not even where a
 * clock that was set back past midnight repeats a part of the day before.
 */
export const findActiveDays = (
  { start, end }: ActiveInterval,
  zone: TimeZone,
  cutOff: Instant,
): readonly number[] | Rejection => {
  if (end !== undefined && endsBeforeItStarts(start, end, zone)) return 'interval ends before it starts';
  const from = start.kind === 'instant' ? start : instantAt(zone.startOfDay(start.firstDay));
  const until = end?.kind === 'days' ? instantAt(zone.endOfDay(end.lastDay)) : (end ?? cutOff);
  const to = compareInstants(until, cutOff) < 0 ? until : cutOff;
  if (compareInstants(from, to) >= 0) return [];
  const earliest = start.kind === 'days' ? start.firstDay : Number.NEGATIVE_INFINITY;
  const latest = end?.kind === 'days' ? end.lastDay : Number.POSITIVE_INFINITY;
  const runs: number[] = [];
  // Local days begin at whole seconds, so digits below the millisecond only decide whether the last millisecond is touched.
  zone.visitLocalDays(from.millis, to.rest === '' ? to.millis : to.millis + 1, (firstDay, lastDay) => {
    const [first, last] = [Math.max(firstDay, earliest), Math.min(lastDay, latest)];
    if (first <= last) addRun(runs, first, last);
  });
  return runs;
};
