import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeText } from '../../../functions/episodes/byte-text.ts';
import { dayNumber, monthOfDay } from '../../../functions/episodes/calendar.ts';
import {
  type ActiveRuns,
  createActiveRuns,
  firstDayOf,
  lastDayOf,
  longestRun,
  packDays,
} from '../../../functions/reports/patient-usage-stats/active-runs.ts';
import { countMonths } from '../../../functions/reports/patient-usage-stats/count-months.ts';
import { serviceError } from '../../support/service-error.ts';

const never = new AbortController().signal;
const limits = { patients: 1000, runs: 1_000_000 };

const add = (runs: ActiveRuns, patient: string, days: readonly number[]): void => {
  const { text, to } = encodeText(patient);
  const number = runs.patientAt(text, 0, to);
  for (let at = 0; at < days.length; at += 2) runs.add(number, days[at] ?? 0, days[at + 1] ?? 0);
};

type Run = readonly [patient: string, first: number, last: number];

/** Month as `2023-4`, then patients of one day and of seven. */
const count = async (runs: readonly Run[]) => {
  const collected = createActiveRuns(limits);
  for (const [patient, first, last] of runs) add(collected, patient, [first, last]);
  const months = await countMonths(collected, never);
  return months.map(({ month, active, activeSevenDays }) => [
    `${Math.floor(month / 12)}-${(month % 12) + 1}`,
    active,
    activeSevenDays,
  ]);
};

const april = (day: number) => dayNumber(2023, 4, day);

describe('rule 5: unique patients', () => {
  test('are counted once a month, however many episodes they have', async () => {
    expect(
      await count([
        ['a', april(1), april(1)],
        ['a', april(1), april(1)],
        ['b', april(30), april(30)],
      ]),
    ).toEqual([['2023-4', 2, 0]]);
  });

  test('of seven days have seven different days in one month', async () => {
    expect(await count([['a', april(1), april(7)]])).toEqual([['2023-4', 1, 1]]);
    expect(await count([['a', april(1), april(6)]])).toEqual([['2023-4', 1, 0]]);
    expect(
      await count([
        ['a', april(1), april(4)],
        ['a', april(4), april(6)],
      ]),
    ).toEqual([['2023-4', 1, 0]]);
    expect(
      await count([
        ['a', april(4), april(7)],
        ['a', april(1), april(4)],
      ]),
    ).toEqual([['2023-4', 1, 1]]);
    expect(
      await count([
        ['a', april(1), april(9)],
        ['a', april(2), april(3)],
      ]),
    ).toEqual([['2023-4', 1, 1]]);
    const single = Array.from({ length: 7 }, (_, at): Run => ['a', april(1 + at * 4), april(1 + at * 4)]);
    expect(await count(single)).toEqual([['2023-4', 1, 1]]);
    expect(await count(single.slice(1))).toEqual([['2023-4', 1, 0]]);
  });

  test('have their days counted month by month', async () => {
    expect(await count([['a', april(25), april(36)]])).toEqual([
      ['2023-4', 1, 0],
      ['2023-5', 1, 0],
    ]);
    expect(await count([['a', april(24), april(37)]])).toEqual([
      ['2023-4', 1, 1],
      ['2023-5', 1, 1],
    ]);
    expect(
      await count([
        ['a', april(1), april(30)],
        ['b', april(10), april(16)],
      ]),
    ).toEqual([['2023-4', 2, 2]]);
  });
});

describe('rule 6: the months reported', () => {
  test('have none left out in between', async () => {
    const runs: Run[] = [
      ['a', dayNumber(2022, 12, 31), dayNumber(2022, 12, 31)],
      ['b', april(1), april(1)],
    ];
    expect(await count(runs)).toEqual([
      ['2022-12', 1, 0],
      ['2023-1', 0, 0],
      ['2023-2', 0, 0],
      ['2023-3', 0, 0],
      ['2023-4', 1, 0],
    ]);
  });

  test('are none when nobody was ever active', async () => {
    expect(await count([])).toEqual([]);
    const runs = createActiveRuns(limits);
    add(runs, 'a', []);
    expect(await countMonths(runs, never)).toEqual([]);
    expect(runs.patients).toBe(1);
  });
});

test('counts are those of sets of days', async () => {
  const run = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 800 }), fc.nat({ max: 120 }));
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 60 }), async (drawn) => {
      const runs = drawn.map(([patient, first, length]): Run => [patient, first, first + length]);
      const daysOf = new Map<string, Set<number>>();
      for (const [patient, first, last] of runs) {
        const days = daysOf.get(patient) ?? new Set();
        daysOf.set(patient, days);
        for (let day = first; day <= last; day++) days.add(day);
      }
      const months = new Map<number, number[]>();
      for (const days of daysOf.values()) {
        for (const [month, inMonth] of Map.groupBy(days, monthOfDay)) {
          months.set(month, [...(months.get(month) ?? []), inMonth.length]);
        }
      }
      const all = [...months.keys()];
      const expected: unknown[] = [];
      for (let month = Math.min(...all); month <= Math.max(...all); month++) {
        const counts = months.get(month) ?? [];
        const label = `${Math.floor(month / 12)}-${(month % 12) + 1}`;
        expected.push([label, counts.length, counts.filter((days) => days >= 7).length]);
      }
      expect(await count(runs)).toEqual(expected);
    }),
  );
});

test('a run of days is one exact number that sorts by first and last day', () => {
  const days = [dayNumber(1, 1, 1) - 1, -1, 0, 1, dayNumber(2026, 4, 16), dayNumber(9999, 12, 31) + 1];
  const packed: number[] = [];
  for (const [at, first] of days.entries()) {
    for (const last of days.slice(at)) {
      packed.push(packDays(first, last));
      expect([firstDayOf(packDays(first, last)), lastDayOf(packDays(first, last))]).toEqual([first, last]);
    }
  }
  expect(packed.toSorted((a, b) => a - b)).toEqual(packed);
  expect(new Set(packed).size).toBe(packed.length);
});

test('a run of centuries is kept in parts that count as the whole does', async () => {
  const [first, last] = [dayNumber(1, 1, 1), dayNumber(9999, 12, 31)];
  const counts = await count([['a', first, last]]);
  expect(counts.length).toBe(9999 * 12);
  expect(counts.every(([, active, activeSevenDays]) => active === 1 && activeSevenDays === 1)).toBe(true);
  const runs = createActiveRuns(limits);
  add(runs, 'a', [first, first + longestRun - 1, first, first + longestRun]);
  expect(runs.length).toBe(3);
});

test('more patients or intervals than the limits is a data set that is too large', () => {
  const few = createActiveRuns({ patients: 2, runs: 3 });
  add(few, 'a', [1, 2, 4, 5]);
  add(few, 'b', [1, 2]);
  expect(() => add(few, 'c', [])).toThrow(
    serviceError('DATA_SET_TOO_LARGE', 'the data set has more than 2 patients') as Error,
  );
  expect(() => add(few, 'a', [7, 8])).toThrow(
    serviceError('DATA_SET_TOO_LARGE', 'the data set has more than 3 active intervals') as Error,
  );
});

test('thousands of patients and intervals are kept as they were added', async () => {
  const runs = Array.from({ length: 5000 }, (_, at): Run => [`${at % 900}`, april(1 + (at % 7)), april(1 + (at % 7))]);
  expect(await count(runs)).toEqual([['2023-4', 900, 0]]);
  expect(await count([...runs, ...runs.slice(0, 3000).map(([who]): Run => [who, april(8), april(10)])])).toEqual([
    ['2023-4', 900, 900],
  ]);
});

test('counting stops when it is aborted', async () => {
  const runs = createActiveRuns(limits);
  add(runs, 'a', [1, 2]);
  await expect(countMonths(runs, AbortSignal.abort(new Error('lease lost')))).rejects.toThrow('lease lost');
});
