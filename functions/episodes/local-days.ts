import { dayMillis, dayNumber } from './calendar.ts';
import type { TimeZone } from './time-zone.ts';

/** The result for an instant far from our time, whose local day has to be found out by other means. */
export const unusualDay = Number.NEGATIVE_INFINITY;

/** Local days of instants of our time, mostly looked up in a table. */
export interface LocalDays {
  /** The local day of an instant; {@link unusualDay} before 1900 and after 2100. */
  dayOf(instant: number): number;
  /**
   * Whether from the local day `first` to the local day `last` each follows the one before, none skipped and none begun twice. May say
   * `false` for days far from our time.
   */
  areRegular(first: number, last: number): boolean;
}

const [firstDay, lastDay] = [dayNumber(1900, 1, 1), dayNumber(2100, 12, 31)];
/** The table is filled so many days at a time, as far as the data needs it. */
const blockDays = 400;
/** Stands for the offset of a day on which it changes. */
const changes = 0x7fffffff;

/** The table of a time zone. Without gaps between the first and the last day that was asked for. */
export const createLocalDays = (zone: TimeZone): LocalDays => {
  const offsets = new Int32Array(lastDay - firstDay + 1);
  /** Days of UTC on which local days are skipped or begin again. */
  const irregular: number[] = [];
  let [known, unknown] = [0, 0];
  const fill = (day: number): void => {
    // From the last millisecond before, so that a change at midnight is seen as well.
    const segments = zone.segmentsBetween(day * dayMillis - 1, (day + 1) * dayMillis);
    const [first] = segments;
    const isSteady = segments.every(({ offset }) => offset === first?.offset);
    offsets[day - firstDay] = isSteady ? (first?.offset ?? changes) : changes;
    let before: number | undefined;
    zone.visitLocalDays(day * dayMillis - 1, (day + 1) * dayMillis, (from, to) => {
      if (before !== undefined && (from < before || from > before + 1)) irregular.push(day);
      before = to;
    });
  };
  const fillBetween = (from: number, to: number): void => {
    for (let day = Math.max(from, firstDay); day < Math.min(to, lastDay + 1); day += 1) fill(day);
  };
  /** Makes the table reach to a day, and all between it and the days that are known. */
  const reach = (day: number): void => {
    if (known === unknown) [known, unknown] = [day, day];
    for (; day < known; known -= blockDays) fillBetween(known - blockDays, known);
    for (; day >= unknown; unknown += blockDays) fillBetween(unknown, unknown + blockDays);
  };
  return {
    dayOf(instant) {
      const day = Math.floor(instant / dayMillis);
      if (!(day >= firstDay && day <= lastDay)) return unusualDay;
      if (day < known || day >= unknown) reach(day);
      const offset = offsets[day - firstDay] ?? changes;
      return offset === changes ? zone.dayOf(instant) : Math.floor((instant + offset) / dayMillis);
    },
    areRegular(first, last) {
      // No offset is a day or more.
      const [from, to] = [first - 1, last + 2];
      if (!(from >= firstDay && to <= lastDay)) return false;
      reach(from);
      reach(to);
      for (const day of irregular) if (day >= from && day <= to) return false;
      return true;
    },
  };
};
