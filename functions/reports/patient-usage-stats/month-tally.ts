import { firstDayOfMonth, monthOfDay } from '../../episodes/calendar.ts';

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

/** A tally of the months from one to another, both included. Its work for a run of days does not depend on the run's length. */
export const createMonthTally = (firstMonth: number, lastMonth: number): MonthTally => {
  const months = lastMonth - firstMonth + 1;
  const active = new Int32Array(months);
  const activeSevenDays = new Int32Array(months);
  /** Patients active on every day of a month, as differences from the month before. */
  const wholeMonths = new Int32Array(months + 1);
  let month = firstMonth;
  let days = 0;
  const increase = (counts: Int32Array, at: number, by: number): void => {
    counts[at] = (counts[at] ?? 0) + by;
  };
  const endMonth = (): void => {
    if (days > 0) increase(active, month - firstMonth, 1);
    if (days >= manyDays) increase(activeSevenDays, month - firstMonth, 1);
    days = 0;
  };
  const addToMonth = (other: number, more: number): void => {
    if (other !== month) endMonth();
    month = other;
    days += more;
  };
  return {
    addDays(firstDay, lastDay) {
      const [from, to] = [monthOfDay(firstDay), monthOfDay(lastDay)];
      if (from === to) return addToMonth(from, lastDay - firstDay + 1);
      addToMonth(from, firstDayOfMonth(from + 1) - firstDay);
      increase(wholeMonths, from + 1 - firstMonth, 1);
      increase(wholeMonths, to - firstMonth, -1);
      addToMonth(to, lastDay - firstDayOfMonth(to) + 1);
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
