import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { createTimeZone, findTimeZone } from '../../functions/episodes/time-zone.ts';

const dayOf = (text: string): number => Temporal.PlainDate.from('1970-01-01').until(text).days;
const millisOf = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

const visited = (zone: string, from: string, to: string): [number, number][] => {
  const runs: [number, number][] = [];
  createTimeZone(zone).visitLocalDays(millisOf(from), millisOf(to), (first, last) => runs.push([first, last]));
  return runs;
};

const daysVisited = (zone: string, from: string, to: string): string[] => {
  const days = new Set<number>();
  for (const [first, last] of visited(zone, from, to)) for (let day = first; day <= last; day++) days.add(day);
  return [...days].sort((a, b) => a - b).map((days) => Temporal.PlainDate.from('1970-01-01').add({ days }).toString());
};

describe('a local day begins where Temporal says', () => {
  test.each([
    ['Europe/Copenhagen', 1890],
    ['Europe/Copenhagen', 2020],
    ['America/St_Johns', 2006],
    ['Pacific/Apia', 2009],
    ['America/Sao_Paulo', 2015],
    ['Asia/Kolkata', 1940],
    ['Africa/Casablanca', 2022],
    ['America/New_York', 1943],
    ['UTC', 2023],
  ])('%s from %i on, for three years', (name, year) => {
    const zone = createTimeZone(name);
    for (let date = Temporal.PlainDate.from({ year, month: 1, day: 1 }); date.year < year + 3; ) {
      const day = dayOf(date.toString());
      const begin = date.toZonedDateTime(name);
      expect(zone.startOfDay(day), date.toString()).toBe(begin.epochMilliseconds);
      date = date.add({ days: 1 });
    }
  });

  test('far away, in local mean time and in the years to come', () => {
    for (const text of ['0001-01-01', '1799-12-31', '1800-01-01', '1850-06-01', '2099-07-01', '9999-12-31']) {
      const begin = Temporal.PlainDate.from(text).toZonedDateTime('America/New_York').epochMilliseconds;
      expect(createTimeZone('America/New_York').startOfDay(dayOf(text)), text).toBe(begin);
    }
  });
});

describe('a local day ends', () => {
  test('where the next one begins', () => {
    const zone = createTimeZone('Europe/Copenhagen');
    for (const text of ['2023-03-25', '2023-03-26', '2023-10-28', '2023-10-29', '2023-12-31']) {
      expect(zone.endOfDay(dayOf(text)), text).toBe(zone.startOfDay(dayOf(text) + 1));
    }
  });

  test('after its last instant where a clock went back past midnight', () => {
    const zone = createTimeZone('America/St_Johns');
    expect(zone.startOfDay(dayOf('2010-11-07'))).toBe(millisOf('2010-11-07T02:30:00Z'));
    expect(zone.endOfDay(dayOf('2010-11-06'))).toBe(millisOf('2010-11-07T03:30:00Z'));
  });

  test('where it begins when the zone skipped it', () => {
    const zone = createTimeZone('Pacific/Apia');
    const skipped = millisOf('2011-12-30T10:00:00Z');
    expect(zone.endOfDay(dayOf('2011-12-29'))).toBe(skipped);
    expect(zone.startOfDay(dayOf('2011-12-30'))).toBe(skipped);
    expect(zone.endOfDay(dayOf('2011-12-30'))).toBe(skipped);
    expect(zone.startOfDay(dayOf('2011-12-31'))).toBe(skipped);
  });
});

describe('the local days of an interval', () => {
  test('are those that it has an instant of, its end excluded', () => {
    const [from, to] = ['2023-03-25T22:59:59.999Z', '2023-03-26T22:00:00Z'];
    expect(daysVisited('Europe/Copenhagen', from, to)).toEqual(['2023-03-25', '2023-03-26']);
    expect(daysVisited('Europe/Copenhagen', from, '2023-03-26T22:00:00.001Z')).toHaveLength(3);
  });

  test('leave out a day that the zone skipped', () => {
    const days = daysVisited('Pacific/Apia', '2011-12-29T20:00:00Z', '2011-12-31T20:00:00Z');
    expect(days).toEqual(['2011-12-29', '2011-12-31', '2012-01-01']);
  });

  test('have both dates where a clock went back past midnight', () => {
    const days = daysVisited('America/St_Johns', '2010-11-07T02:30:30Z', '2010-11-07T02:31:01Z');
    expect(days).toEqual(['2010-11-06', '2010-11-07']);
  });

  test('are without a gap over decades', () => {
    const days = daysVisited('Europe/Copenhagen', '1996-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
    expect(days).toHaveLength(dayOf('2026-01-01') - dayOf('1996-01-01') + 1);
  });
});

test('a time zone that is none is refused', () => {
  expect(() => createTimeZone('Europe/Kopenhagen')).toThrow(RangeError);
});

describe('a time of the local clock', () => {
  const zone = createTimeZone('Europe/Copenhagen');
  const hour = 3_600_000;
  const instantOf = (date: string, hours: number) => new Date(zone.instantOf(dayOf(date), hours * hour)).toISOString();

  test.each(['2026-01-16', '2026-03-29', '2026-07-01', '2026-10-25'])('is where Temporal says on %s', (date) => {
    const isSkipped = (hours: number) => date === '2026-03-29' && hours >= 2 && hours < 3;
    for (let hours = 0; hours < 24; hours += 0.5) {
      if (isSkipped(hours)) continue;
      const time = Temporal.PlainTime.from({ hour: Math.floor(hours), minute: (hours % 1) * 60 });
      const shown = Temporal.PlainDate.from(date).toPlainDateTime(time).toZonedDateTime('Europe/Copenhagen');
      expect(zone.instantOf(dayOf(date), hours * hour), String(hours)).toBe(shown.epochMilliseconds);
    }
  });
  test('that the clock skips is the moment of the change', () => {
    for (const hours of [2, 2.5, 3]) expect(instantOf('2026-03-29', hours)).toBe('2026-03-29T01:00:00.000Z');
  });
  test('that it shows twice is the first', () => {
    expect([instantOf('2026-10-25', 2.5), instantOf('2026-10-25', 3)]).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });
});

test.each(['Europe/Copenhagen', 'America/St_Johns', 'Pacific/Apia', 'UTC'])(
  'the local day of an instant in %s',
  (name) => {
    const zone = createTimeZone(name);
    for (
      let instant = millisOf('2009-12-20T00:13:00Z');
      instant < millisOf('2012-01-05T00:00:00Z');
      instant += 7_200_000
    ) {
      const date = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name).toPlainDate();
      expect(zone.dayOf(instant)).toBe(dayOf(date.toString()));
    }
  },
);

test('a clock that goes back past midnight is back in the old day from that instant on', () => {
  const zone = createTimeZone('America/St_Johns');
  const back = millisOf('2010-11-07T02:31:00Z');
  const days = [back - 1, back].map((instant) => zone.dayOf(instant));
  expect(days).toEqual([dayOf('2010-11-07'), dayOf('2010-11-06')]);
});

test('an interval touches the offsets that hold in it, and not those that begin at its end or ended at its start', () => {
  const zone = createTimeZone('Europe/Copenhagen');
  const change = millisOf('2023-03-26T01:00:00Z');
  const hoursBetween = (from: number, to: number) =>
    zone.segmentsBetween(from, to).map(({ offset }) => offset / 3_600_000);
  expect(hoursBetween(change - 1, change)).toEqual([1]);
  expect(hoursBetween(change, change + 1)).toEqual([2]);
  expect(hoursBetween(change - 1, change + 1)).toEqual([1, 2]);
});

test('a zone is looked up once and kept', () => {
  expect(findTimeZone('Europe/Copenhagen')).toBe(findTimeZone('Europe/Copenhagen'));
  expect(findTimeZone('Europe/London')).not.toBe(findTimeZone('Europe/Copenhagen'));
  expect(() => findTimeZone('Europe/Kopenhagen')).toThrow(RangeError);
});
