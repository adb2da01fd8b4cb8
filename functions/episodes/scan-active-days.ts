import type { ByteText } from './byte-text.ts';
import type { Instant } from './fhir-date-time.ts';
import { createLocalDays, unusualDay } from './local-days.ts';
import { scanDay, scanInstant } from './scan-date-time.ts';
import { mostIntervals, type ScannedEpisode } from './scan-episode.ts';
import { unusual } from './skip-json.ts';
import type { TimeZone } from './time-zone.ts';

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

const isDate = (from: number, to: number): boolean => to - from === dateBytes;

/** A scanner for one time zone and one data cut-off, an instant that is itself excluded. */
export const createActiveDaysScanner = (zone: TimeZone, cutOff: Instant): ActiveDaysScanner => {
  const days = createLocalDays(zone);
  // Digits below the millisecond only decide whether the last millisecond is touched.
  const until = cutOff.rest === '' ? cutOff.millis : cutOff.millis + 1;
  const latest = zone.dayOf(until - 1);
  const runs = new Int32Array(2 * mostIntervals);
  /** The last day of an interval that starts at an instant (minus infinity for a date); {@link unusualDay} where it is empty or wrong. */
  const readEnd = (text: ByteText, from: number, to: number, start: number): number => {
    if (from === unusual) return latest;
    if (isDate(from, to)) return Math.min(scanDay(text, from), latest);
    const instant = scanInstant(text, from, to);
    if (instant <= start) return unusualDay;
    return instant < until ? days.dayOf(instant - 1) : latest;
  };
  /** Reads the interval whose places are at `at`, and puts its days at `to`. */
  const readInterval = (text: ByteText, dates: Int32Array, at: number, to: number): boolean => {
    const start = dates[at] ?? unusual;
    const isDay = isDate(start, dates[at + 1] ?? unusual);
    const instant = isDay ? Number.NEGATIVE_INFINITY : scanInstant(text, start, dates[at + 1] ?? unusual);
    const first = isDay ? scanDay(text, start) : days.dayOf(instant);
    const last = readEnd(text, dates[at + 2] ?? unusual, dates[at + 3] ?? unusual, instant);
    if (!(instant < until && first <= last && first > unusualDay) || !days.areRegular(first, last)) return false;
    runs[to] = first;
    runs[to + 1] = last;
    return true;
  };
  return {
    runs,
    read(text, { intervals, dates }) {
      for (let at = 0; at < intervals; at += 1) {
        if (!readInterval(text, dates, 4 * at, 2 * at)) return unusual;
      }
      return 2 * intervals;
    },
  };
};
