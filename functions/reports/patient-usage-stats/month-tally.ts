import { firstDayOfMonth } from '../../episodes/calendar.ts';

/** How many patients were active in one month. */
export interface MonthCount {
  /** Months since January of year 0: `year * 12 + month - 1`. */
  readonly month: number;
  /** Patients active on at least one day of it. */
  readonly active: number;
  /** Patients active on at least seven days of it. */
  readonly activeSevenDays: number;
}

/** Counts patients month by month, one patient after another. */
export interface MonthTally {
  /** Adds days of the current patient, both included; after and apart from all that were added for this patient before. */
  addDays(firstDay: number, lastDay: number): void;
  /** Ends the current patient. */
  endPatient(): void;
  /** All months of the tally in order, also those without anyone. */
  counts(): readonly MonthCount[];
}

const manyDays = 7;

/** First days of the months from one to the one after another, and which of these months, counted from 0, each day between is in. */
const createMonthTables = (firstMonth: number, months: number) => {
  const firstDays = Int32Array.from({ length: months + 1 }, (_, at) => firstDayOfMonth(firstMonth + at));
  const firstDay = firstDays[0] ?? 0;
  const monthOf = new Uint32Array((firstDays[months] ?? 0) - firstDay);
  for (let at = 0; at < months; at += 1) {
    monthOf.fill(at, (firstDays[at] ?? 0) - firstDay, (firstDays[at + 1] ?? 0) - firstDay);
  }
  return { firstDays, monthOf };
};

/**
 * A tally of the months from one to another, both included: all days that it is given have to be in them. Its work for a run of days
 * does not depend on the run's length.
 */
export const createMonthTally = (firstMonth: number, lastMonth: number): MonthTally => {
  const months = lastMonth - firstMonth + 1;
  const { firstDays, monthOf } = createMonthTables(firstMonth, months);
  const start = firstDays[0] ?? 0;
  const active = new Int32Array(months);
  const activeSevenDays = new Int32Array(months);
  /** Patients active on every day of a month, as differences from the month before. */
  const wholeMonths = new Int32Array(months + 1);
  /** The patient's latest month, as all here counted from the first, and how many days of it there are so far. */
  let month = 0;
  let days = 0;
  const increase = (counts: Int32Array, at: number, by: number): void => {
    counts[at] = (counts[at] ?? 0) + by;
  };
  const endMonth = (): void => {
    if (days > 0) increase(active, month, 1);
    if (days >= manyDays) increase(activeSevenDays, month, 1);
    days = 0;
  };
  const addToMonth = (other: number, more: number): void => {
    if (other !== month) endMonth();
    month = other;
    days += more;
  };
  return {
    addDays(firstDay, lastDay) {
      const from = monthOf[firstDay - start] ?? 0;
      const to = monthOf[lastDay - start] ?? 0;
      if (from === to) return addToMonth(from, lastDay - firstDay + 1);
      addToMonth(from, (firstDays[from + 1] ?? 0) - firstDay);
      increase(wholeMonths, from + 1, 1);
      increase(wholeMonths, to, -1);
      addToMonth(to, lastDay - (firstDays[to] ?? 0) + 1);
    },
    endPatient: endMonth,
    counts() {
      let whole = 0;
      return Array.from(active, (some, at) => {
        whole += wholeMonths[at] ?? 0;
        return {
          month: firstMonth + at,
          active: some + whole,
          activeSevenDays: (activeSevenDays[at] ?? 0) + whole,
        };
      });
    },
  };
};
