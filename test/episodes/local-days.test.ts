import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayMillis, dayNumber } from '../../functions/episodes/calendar.ts';
import { createLocalDays, unusualDay } from '../../functions/episodes/local-days.ts';
import { createTimeZone } from '../../functions/episodes/time-zone.ts';
import { places } from '../support/arbitrary-episodes.ts';

describe('the local day of an instant', () => {
  test.each(places)('is that of the zone, $timeZone around $around', ({ timeZone, around }) => {
    const zone = createTimeZone(timeZone);
    const days = createLocalDays(zone);
    const moment = Date.parse(around);
    let found = 0;
    const near = fc.oneof(
      fc.integer({ min: -3e8, max: 3e8 }),
      fc.integer({ min: -40, max: 40 }).map((n) => n * 3_600_000),
    );
    fc.assert(
      fc.property(near, (distance) => {
        const day = days.dayOf(moment + distance);
        if (day !== unusualDay) {
          found += 1;
          expect(day).toBe(zone.dayOf(moment + distance));
        }
      }),
    );
    expect(found).toBe(100);
  });

  test('is found on the day of a change as well, and left open far from our time', () => {
    const days = createLocalDays(createTimeZone('Europe/Copenhagen'));
    expect(days.dayOf(Date.parse('2024-03-31T21:59:59.999Z'))).toBe(dayNumber(2024, 3, 31));
    expect(days.dayOf(Date.parse('2024-03-31T22:00:00Z'))).toBe(dayNumber(2024, 4, 1));
    expect(days.dayOf(Date.parse('2024-03-30T23:30:00Z'))).toBe(dayNumber(2024, 3, 31));
    const far = ['1899-12-31T23:59:59Z', '2101-01-01T00:00:00Z'].map((text) => Date.parse(text));
    for (const instant of [...far, Number.NEGATIVE_INFINITY]) expect(days.dayOf(instant)).toBe(unusualDay);
  });

  test('does not depend on the order in which instants are asked for', () => {
    const zone = createTimeZone('Europe/Copenhagen');
    const days = createLocalDays(zone);
    for (const year of [2020, 2030, 2010, 2021, 1980, 2050]) {
      const noon = dayNumber(year, 7, 1) * dayMillis + dayMillis / 2;
      expect(days.dayOf(noon)).toBe(zone.dayOf(noon));
    }
  });
});

describe('days follow each other', () => {
  const areRegular = (timeZone: string, first: readonly [number, number, number], length: number) => {
    const from = dayNumber(...first);
    return createLocalDays(createTimeZone(timeZone)).areRegular(from, from + length);
  };

  test('across ordinary changes of the clock, also at midnight', () => {
    expect(areRegular('Europe/Copenhagen', [2000, 1, 1], 9000)).toBe(true);
    expect(areRegular('America/Sao_Paulo', [2018, 10, 1], 300)).toBe(true);
  });

  test('but not where one is skipped or begins again', () => {
    expect(areRegular('Pacific/Apia', [2011, 12, 28], 5)).toBe(false);
    expect(areRegular('Pacific/Apia', [2012, 1, 5], 50)).toBe(true);
    expect(areRegular('America/St_Johns', [2010, 11, 1], 20)).toBe(false);
    expect(areRegular('Europe/Copenhagen', [1899, 12, 1], 5)).toBe(false);
  });
});
