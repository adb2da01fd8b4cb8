import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { dayNumber, daysInMonth, firstDayOfMonth, monthOfDay } from '../../functions/episodes/calendar.ts';

const epoch = Temporal.PlainDate.from('1970-01-01');

test('days are numbered from 1970-01-01 in every year that FHIR can write', () => {
  for (const text of [
    '0001-01-01',
    '0099-12-31',
    '1582-10-10',
    '1600-02-29',
    '1900-03-01',
    '2000-02-29',
    '9999-12-31',
  ]) {
    const date = Temporal.PlainDate.from(text);
    expect(dayNumber(date.year, date.month, date.day), text).toBe(epoch.until(date).days);
  }
});

test('each day of sixty years is in its month, and each month begins with its first day', () => {
  const first = Temporal.PlainDate.from('1959-12-01');
  for (let date = first; date.year < 2020; date = date.add({ days: 1 })) {
    const month = monthOfDay(epoch.until(date).days);
    expect(month).toBe(date.year * 12 + date.month - 1);
    if (date.day === 1) expect(firstDayOfMonth(month)).toBe(epoch.until(date).days);
  }
  expect(monthOfDay(dayNumber(1, 1, 1) - 1)).toBe(11);
});

test('months have the days of the Gregorian calendar', () => {
  for (const year of [1900, 2000, 2023, 2024, 2100]) {
    const expected = Array.from({ length: 12 }, (_, at) => new Temporal.PlainYearMonth(year, at + 1).daysInMonth);
    expect(expected.map((_, at) => daysInMonth(year, at + 1))).toEqual(expected);
  }
});
