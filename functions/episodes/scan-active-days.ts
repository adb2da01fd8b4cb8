import type { ByteText } from './byte-text.ts';
import type { Instant } from './fhir-date-time.ts';
import { createLocalDays, unusualDay } from './local-days.ts';
import { scanDay, scanInstant } from './scan-date-time.ts';
import { mostIntervals, type ScannedEpisode } from './scan-episode.ts';
import { unusual } from './skip-json.ts';
import type { TimeZone } from './time-zone.ts';
import type { Span } from './walk-json.ts';

/** Finds the days on which scanned episodes were active. */
export interface ActiveDaysScanner {
  /** Runs of days as pairs `first, last, …`, of the episode that was read last. */
  readonly runs: Int32Array;
  /**
   * Reads the intervals of an episode. Either finds the days that `findActiveDays` finds, or leaves the episode to that: dates in rare
   * forms, intervals that end before they start or are empty, days skipped or begun twice, and whatever begins at the cut-off or later.
   *
   * @returns how many numbers of `runs` count, or {@link unusual}
   */
  read(text: ByteText, episode: ScannedEpisode): number;
}

/** Bytes of a date: `2024-03-01`. */
const dateBytes = 10;

const isDate = ({ from, to }: Span): boolean => to - from === dateBytes;

/** A scanner for one time zone and one data cut-off, an instant that is itself excluded. */
export const createActiveDaysScanner = (zone: TimeZone, cutOff: Instant): ActiveDaysScanner => {
  const days = createLocalDays(zone);
  // Digits below the millisecond only decide whether the last millisecond is touched.
  const until = cutOff.rest === '' ? cutOff.millis : cutOff.millis + 1;
  const latest = zone.dayOf(until - 1);
  const runs = new Int32Array(2 * mostIntervals);
  /** The last day of an interval that starts at an instant (minus infinity for a date); {@link unusualDay} where it is empty or wrong. */
  const readEnd = (text: ByteText, end: Span, start: number): number => {
    if (end.from === unusual) return latest;
    if (isDate(end)) return Math.min(scanDay(text, end.from), latest);
    const instant = scanInstant(text, end.from, end.to);
    if (instant <= start) return unusualDay;
    return instant < until ? days.dayOf(instant - 1) : latest;
  };
  const readInterval = (text: ByteText, start: Span, end: Span, at: number): boolean => {
    const isDay = isDate(start);
    const instant = isDay ? Number.NEGATIVE_INFINITY : scanInstant(text, start.from, start.to);
    const first = isDay ? scanDay(text, start.from) : days.dayOf(instant);
    const last = readEnd(text, end, instant);
    if (!(instant < until && first <= last && first > unusualDay) || !days.areRegular(first, last)) return false;
    runs[at] = first;
    runs[at + 1] = last;
    return true;
  };
  return {
    runs,
    read(text, { intervals, starts, ends }) {
      for (let at = 0; at < intervals; at += 1) {
        const [start, end] = [starts[at], ends[at]];
        if (start === undefined || end === undefined || !readInterval(text, start, end, 2 * at)) return unusual;
      }
      return 2 * intervals;
    },
  };
};
