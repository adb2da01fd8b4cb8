import { describe, expect, test } from 'vitest';
import type { MonthCount } from '../../../functions/reports/patient-usage-stats/month-tally.ts';
import { summarizeMonths } from '../../../functions/reports/patient-usage-stats/summarize-months.ts';

/** Consecutive months from one on, with these numbers of active patients and half of them for seven days. */
const monthsFrom = (year: number, month: number, actives: readonly number[]): MonthCount[] =>
  actives.map((active, at) => ({ month: year * 12 + month - 1 + at, active, activeSevenDays: active / 2 }));

const any = 'uniquePatientsWithEpisodeOfCare';
const yearEntry = (months: readonly MonthCount[], baseline = 10_000) =>
  summarizeMonths(months, baseline).yearData[0]?.entries.find(({ name }) => name === any);
const changes = (actives: readonly number[]) =>
  summarizeMonths(monthsFrom(2023, 1, actives), 0).monthData.map(
    ({ entries }) => entries.find(({ name }) => name === any)?.percentChangeFromLastMonth,
  );

test('months and years are texts without padding, in order', () => {
  const { monthData, yearData } = summarizeMonths(monthsFrom(2023, 11, [2, 4, 6]), 0);
  expect(monthData.map(({ month, year }) => `${year}-${month}`)).toEqual(['2023-11', '2023-12', '2024-1']);
  expect(yearData.map(({ year }) => year)).toEqual(['2023', '2024']);
});

test('nobody ever active gives two empty lists', () => {
  expect(summarizeMonths([], 10_000)).toEqual({ monthData: [], yearData: [] });
});

describe('the change in percent', () => {
  test('is against the month before, and 0 for the first month', () => {
    expect(changes([1, 2, 3, 3, 0])).toEqual([0, 100, 50, 0, -100]);
    expect(changes([3, 4])).toEqual([0, 33.33333333333333]);
  });

  test('is 0 where the month before has nobody', () => {
    expect(changes([1, 0, 0, 5, 10])).toEqual([0, -100, 0, 0, 100]);
  });

  test('goes on over the turn of the year', () => {
    const { monthData } = summarizeMonths(monthsFrom(2023, 12, [2, 4]), 0);
    expect(monthData[1]?.entries[1]?.percentChangeFromLastMonth).toBe(100);
  });
});

describe('a year', () => {
  test('is averaged over its months in the report, not over twelve', () => {
    expect(yearEntry(monthsFrom(2023, 4, [1, 2]))).toEqual({
      name: any,
      monthlyAverage: 1.5,
      averageBeyondBaseline: 0,
      averageRounded: 1000,
    });
  });

  test.each([
    [0, 0],
    [1, 1000],
    [999, 1000],
    [1000, 1000],
    [1001, 2000],
    [12_345, 13_000],
  ])('with an average of %i is rounded up to %i', (average, rounded) => {
    expect(yearEntry(monthsFrom(2023, 1, [average, average, average]))?.averageRounded).toBe(rounded);
  });

  test('is rounded up for the smallest excess, and only for one', () => {
    expect(yearEntry(monthsFrom(2023, 1, [1000, 1000, 1001]))?.averageRounded).toBe(2000);
    expect(yearEntry(monthsFrom(2023, 1, [999, 1000, 1001]))?.averageRounded).toBe(1000);
  });

  test.each([
    [10_000, 10_000, 0],
    [10_001, 10_000, 1000],
    [9000, 10_000, 0],
    [12_345, 500, 12_500],
    [1, 0, 1000],
  ])('with %i a month and a baseline of %i is %i beyond it', (active, baseline, beyond) => {
    expect(yearEntry(monthsFrom(2023, 1, [active]), baseline)?.averageBeyondBaseline).toBe(beyond);
  });
});
