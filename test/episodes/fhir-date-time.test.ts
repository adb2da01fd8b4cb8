import { describe, expect, test } from 'vitest';
import { dayNumber } from '../../functions/episodes/calendar.ts';
import { compareInstants, type Instant, parseDateTime, parseInstant } from '../../functions/episodes/fhir-date-time.ts';

const instant = (millis: number, rest = ''): Instant => ({ kind: 'instant', millis, rest });

describe('a FHIR R4 dateTime', () => {
  test('with year, month or date precision is a run of whole days', () => {
    expect(parseDateTime('2024')).toEqual({
      kind: 'days',
      firstDay: dayNumber(2024, 1, 1),
      lastDay: dayNumber(2024, 12, 31),
    });
    expect(parseDateTime('2024-02')).toEqual({
      kind: 'days',
      firstDay: dayNumber(2024, 2, 1),
      lastDay: dayNumber(2024, 2, 29),
    });
    const day = dayNumber(2023, 12, 31);
    expect(parseDateTime('2023-12-31')).toEqual({ kind: 'days', firstDay: day, lastDay: day });
    expect(parseDateTime('0001-01-01')).toMatchObject({ firstDay: dayNumber(1, 1, 1) });
  });

  test.each([
    ['2025-02-04T15:28:23+00:00', Date.UTC(2025, 1, 4, 15, 28, 23)],
    ['2025-02-04T15:28:23Z', Date.UTC(2025, 1, 4, 15, 28, 23)],
    ['2025-02-04T15:28:23-00:00', Date.UTC(2025, 1, 4, 15, 28, 23)],
    ['2025-02-04T15:28:23.5+01:00', Date.UTC(2025, 1, 4, 14, 28, 23, 500)],
    ['2025-01-01T00:00:00+14:00', Date.UTC(2024, 11, 31, 10)],
    ['2025-01-01T00:00:00-14:00', Date.UTC(2025, 0, 1, 14)],
    ['2024-12-31T20:30:00-03:30', Date.UTC(2025, 0, 1)],
    ['1969-12-31T23:59:59.999Z', -1],
  ])('with a time and a zone is an instant: %s', (text, millis) => {
    expect(parseDateTime(text)).toEqual(instant(millis));
  });

  test('keeps every digit below the millisecond', () => {
    expect(parseDateTime('1970-01-01T00:00:00.0010000000000000000000001Z')).toEqual(
      instant(1, '0000000000000000000001'),
    );
    expect(parseDateTime('1970-01-01T00:00:00.0010000Z')).toEqual(instant(1));
  });

  test('reads second 60 as second 0 of the next minute', () => {
    expect(parseDateTime('2016-12-31T23:59:60Z')).toEqual(instant(Date.UTC(2017, 0, 1)));
  });

  test.each([
    '',
    ' 2024',
    '2024\n',
    '24',
    '0000',
    '0000-01-01',
    '02024-01-01',
    '2024-00',
    '2024-13',
    '2024-1-1',
    '2024-02-00',
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-04-31T10:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60:00Z',
    '2024-01-01T10:00:61Z',
    '2024-01-01T10:00Z',
    '2024-01-01T10:00:00',
    '2024-01-01T10:00:00.Z',
    '2024-01-01t10:00:00z',
    '2024-01-01 10:00:00Z',
    '2024-01-01T10:00:00+0100',
    '2024-01-01T10:00:00+14:01',
    '2024-01-01T10:00:00+15:00',
    '2024-01-01T10:00:00+01:60',
    '２０２４-01-01',
    'P1D',
  ])('is refused when it is none: %j', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });

  test('is read in linear time', () => {
    const before = performance.now();
    parseDateTime(`2024-01-01T10:00:00.${'0'.repeat(1_000_000)}x`);
    expect(performance.now() - before).toBeLessThan(500);
  });
});

test('a FHIR instant has a time', () => {
  expect(parseInstant('2026-04-16T09:00:00.123+02:00')).toEqual(instant(Date.UTC(2026, 3, 16, 7, 0, 0, 123)));
  expect(parseInstant('2026-04-16')).toBeUndefined();
  expect(parseInstant('2026-04-31T09:00:00Z')).toBeUndefined();
});

test('instants are in order to the last digit', () => {
  const ascending = [instant(-2), instant(-1, '9'), instant(0), instant(0, '00035'), instant(0, '0004'), instant(1)];
  const signs = ascending.map((a) => ascending.map((b) => Math.sign(compareInstants(a, b))));
  expect(signs).toEqual(ascending.map((_, a) => ascending.map((_, b) => Math.sign(a - b))));
});
