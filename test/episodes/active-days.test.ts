import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { findActiveDays } from '../../functions/episodes/active-days.ts';
import { parseDateTime, parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { createTimeZone } from '../../functions/episodes/time-zone.ts';

const read = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new TypeError('the test has a date that is none');
  return value;
};

interface Options {
  readonly zone?: string;
  readonly cutOff?: string;
}

const backwards = 'interval ends before it starts';

/** The runs of active days as `first/last`. */
const activeDays = (start: string, end?: string, options: Options = {}): readonly string[] | string => {
  const { zone = 'Europe/Copenhagen', cutOff = '2030-01-01T00:00:00Z' } = options;
  const interval = { start: read(parseDateTime(start)), ...(end !== undefined && { end: read(parseDateTime(end)) }) };
  const runs = findActiveDays(interval, createTimeZone(zone), read(parseInstant(cutOff)));
  if (typeof runs === 'string') return runs;
  const dates = runs.map((days) => Temporal.PlainDate.from('1970-01-01').add({ days }).toString());
  return dates.flatMap((date, at) => (at % 2 === 0 ? [`${date}/${dates[at + 1]}`] : []));
};

describe('rule 2: an interval', () => {
  test('has an exclusive end when that is an instant', () => {
    expect(activeDays('2023-05-01T10:00:00+02:00', '2023-05-03T00:00:00+02:00')).toEqual(['2023-05-01/2023-05-02']);
    expect(activeDays('2023-05-01T10:00:00+02:00', '2023-05-03T00:00:01+02:00')).toEqual(['2023-05-01/2023-05-03']);
  });

  test('without end lasts until the cut-off', () => {
    const cutOff = '2023-05-04T22:00:00Z';
    expect(activeDays('2023-05-01T10:00:00+02:00', undefined, { cutOff })).toEqual(['2023-05-01/2023-05-04']);
  });
});

describe('rule 3: the local day', () => {
  test('is the one an instant falls on, winter and summer', () => {
    expect(activeDays('2023-01-31T23:00:00Z', '2023-01-31T23:00:01Z')).toEqual(['2023-02-01/2023-02-01']);
    expect(activeDays('2023-01-31T22:59:59Z', '2023-01-31T23:00:00Z')).toEqual(['2023-01-31/2023-01-31']);
    expect(activeDays('2023-06-30T22:00:00Z', '2023-06-30T22:00:01Z')).toEqual(['2023-07-01/2023-07-01']);
    expect(activeDays('2023-06-30T21:59:59Z', '2023-06-30T22:00:00Z')).toEqual(['2023-06-30/2023-06-30']);
  });

  test('depends on the zone of the tenant only', () => {
    const [start, end] = ['2023-07-01T00:30:00+02:00', '2023-06-30T22:31:00Z'];
    expect(activeDays(start, end)).toEqual(['2023-07-01/2023-07-01']);
    expect(activeDays(start, end, { zone: 'UTC' })).toEqual(['2023-06-30/2023-06-30']);
    expect(activeDays(start, end, { zone: 'Asia/Kolkata' })).toEqual(['2023-07-01/2023-07-01']);
  });

  test('is whole, and as an end included, for values of date, month and year precision', () => {
    expect(activeDays('2023-05-10', '2023-05-10')).toEqual(['2023-05-10/2023-05-10']);
    expect(activeDays('2023-05', '2023-06-02')).toEqual(['2023-05-01/2023-06-02']);
    expect(activeDays('2023-05-31', '2023-06')).toEqual(['2023-05-31/2023-06-30']);
    expect(activeDays('2022', '2022')).toEqual(['2022-01-01/2022-12-31']);
    expect(activeDays('2023-05-10T23:59:59+02:00', '2023-05-10')).toEqual(['2023-05-10/2023-05-10']);
    expect(activeDays('2023-05-10', '2023-05-10T00:00:00.001+02:00')).toEqual(['2023-05-10/2023-05-10']);
  });
});

describe('rule 4: a day is active', () => {
  test('if any instant of it is covered, down to the last digit', () => {
    expect(activeDays('2023-05-01T21:59:59.999999999Z', '2023-05-01T22:00:00Z')).toEqual(['2023-05-01/2023-05-01']);
    expect(activeDays('2023-05-01T21:59:59Z', '2023-05-01T22:00:00.0000000001Z')).toEqual(['2023-05-01/2023-05-02']);
    expect(activeDays('2023-05-01T12:00:00.0000001Z', '2023-05-01T12:00:00.0000002Z')).toHaveLength(1);
  });

  test('not by an empty interval', () => {
    expect(activeDays('2023-05-01T12:00:00Z', '2023-05-01T14:00:00+02:00')).toEqual([]);
    expect(activeDays('2023-05-01T12:00:00.00010Z', '2023-05-01T12:00:00.0001Z')).toEqual([]);
    expect(activeDays('2023-05-10', '2023-05-10T00:00:00+02:00')).toEqual([]);
  });

  test('over time-zone changes', () => {
    expect(activeDays('2023-03-25T23:00:00Z', '2023-03-26T22:00:00Z')).toEqual(['2023-03-26/2023-03-26']);
    expect(activeDays('2023-10-28T22:00:00Z', '2023-10-29T23:00:00Z')).toEqual(['2023-10-29/2023-10-29']);
  });

  test('only where it exists', () => {
    const zone = 'Pacific/Apia';
    expect(activeDays('2011-12-28', '2012-01-02', { zone })).toEqual([
      '2011-12-28/2011-12-29',
      '2011-12-31/2012-01-02',
    ]);
    expect(activeDays('2011-12-30', '2011-12-30', { zone })).toEqual([]);
    expect(activeDays('2011-12-30', '2011-12-31', { zone })).toEqual(['2011-12-31/2011-12-31']);
    expect(activeDays('2011-12-31', '2011-12-30', { zone })).toBe(backwards);
  });

  test('not beyond a start or an end of date precision where a clock went back past midnight', () => {
    const zone = 'America/St_Johns';
    expect(activeDays('2010-11-07', '2010-11-08', { zone })).toEqual(['2010-11-07/2010-11-08']);
    expect(activeDays('2010-11-05', '2010-11-06', { zone })).toEqual(['2010-11-05/2010-11-06']);
    // 23:30 on the 6th for the second time, after the first minute of the 7th.
    expect(activeDays('2010-11-07T03:00:00Z', '2010-11-06', { zone })).toEqual(['2010-11-06/2010-11-06']);
    expect(activeDays('2010-11-07T02:30:10Z', '2010-11-07T03:00:00Z', { zone })).toEqual(['2010-11-06/2010-11-07']);
  });
});

describe('rule 6: the cut-off clips', () => {
  const cutOff = '2023-05-10T10:00:00.0005Z';

  test('whatever lies after it', () => {
    expect(activeDays('2023-05-09', '2024', { cutOff })).toEqual(['2023-05-09/2023-05-10']);
    expect(activeDays('2023-05-09', '9999-12-31', { cutOff })).toEqual(['2023-05-09/2023-05-10']);
    expect(activeDays('2023-05-10T10:00:00.0006Z', undefined, { cutOff })).toEqual([]);
    expect(activeDays('2023-05-10T10:00:00.0005Z', undefined, { cutOff })).toEqual([]);
    expect(activeDays('2023-05-10T10:00:00.0004Z', undefined, { cutOff })).toEqual(['2023-05-10/2023-05-10']);
    expect(activeDays('2024', undefined, { cutOff })).toEqual([]);
  });

  test('but does not excuse an interval that ends before it starts', () => {
    expect(activeDays('2025-01-02', '2025-01-01', { cutOff })).toBe(backwards);
  });
});

describe('rule 8: an interval that ends before it starts', () => {
  test.each([
    ['2023-05-01T12:00:00Z', '2023-05-01T11:59:59Z'],
    ['2023-05-01T12:00:00.0002Z', '2023-05-01T12:00:00.0001Z'],
    ['2023-05-11', '2023-05-10'],
    ['2023-05', '2023-04'],
    ['2023', '2022-12-31'],
    ['2023-05-11', '2023-05-10T21:59:59Z'],
    ['2023-05-10T22:00:00Z', '2023-05-10'],
  ])('is rejected: %s to %s', (start, end) => {
    expect(activeDays(start, end)).toBe(backwards);
  });
});

test('an interval of two thousand years is one run', () => {
  const before = process.threadCpuUsage();
  expect(activeDays('0001', '2024-01-01')).toEqual(['0001-01-01/2024-01-01']);
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(2000);
});
