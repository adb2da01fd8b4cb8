import { dayMillis, dayNumber, daysInMonth } from './calendar.ts';

/** A point in time, exact to any number of digits. */
export interface Instant {
  readonly kind: 'instant';
  /** Milliseconds since the epoch (UTC), rounded down. */
  readonly millis: number;
  /** The decimal digits below the millisecond, without trailing zeros: `''` where there are none. */
  readonly rest: string;
}

/** A value with date, month or year precision: whole days of the calendar, first and last included. */
export interface Days {
  readonly kind: 'days';
  readonly firstDay: number;
  readonly lastDay: number;
}

const form =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:Z|([+-])(0\d|1[0-3]):([0-5]\d)|([+-])14:00))?)?)?$/;

const zoneMinutes = (parts: RegExpExecArray): number => {
  const [sign, hours, minutes, outermost] = [parts[8], parts[9], parts[10], parts[11]];
  if (sign !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  if (outermost !== undefined) return outermost === '-' ? -840 : 840;
  return 0;
};

/** Without the zeros at its end. Not by an expression: on zeros before another digit that takes time by the square of their number. */
const trimZeros = (digits: string): string => {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
};

const readInstant = (parts: RegExpExecArray, day: number): Instant => {
  const fraction = parts[7] ?? '';
  const seconds = (Number(parts[4]) * 60 + Number(parts[5]) - zoneMinutes(parts)) * 60 + Number(parts[6]);
  return {
    kind: 'instant',
    millis: day * dayMillis + seconds * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0')),
    rest: trimZeros(fraction.slice(3)),
  };
};

/**
 * Reads a FHIR R4 `dateTime` (R4 section 2.24.0.1, its pattern): year, month, date, or a date with a time to the second and
 * a zone. Second 60 is second 0 of the next minute, as computers count. Refused: year 0000, a day that its month does not have,
 * 24:00, a time without seconds or zone, zones beyond 14:00.
 *
 * @returns `undefined` for a text that is none.
 */
export const parseDateTime = (text: string): Instant | Days | undefined => {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  if (year === 0) return undefined;
  const month = parts[2] === undefined ? undefined : Number(parts[2]);
  if (month === undefined) return { kind: 'days', firstDay: dayNumber(year, 1, 1), lastDay: dayNumber(year, 12, 31) };
  const monthLength = daysInMonth(year, month);
  if (parts[3] === undefined) {
    const firstDay = dayNumber(year, month, 1);
    return { kind: 'days', firstDay, lastDay: firstDay + monthLength - 1 };
  }
  if (Number(parts[3]) > monthLength) return undefined;
  const day = dayNumber(year, month, Number(parts[3]));
  return parts[4] === undefined ? { kind: 'days', firstDay: day, lastDay: day } : readInstant(parts, day);
};

/** Reads a FHIR R4 `instant` (R4 section 2.24.0.1): a {@link parseDateTime} with a time. `undefined` for a text that is none. */
export const parseInstant = (text: string): Instant | undefined => {
  const value = parseDateTime(text);
  return value?.kind === 'instant' ? value : undefined;
};

/** Negative, zero or positive as `a` is before, at or after `b`, to the last digit. */
export const compareInstants = (a: Instant, b: Instant): number => {
  if (a.millis !== b.millis) return a.millis - b.millis;
  if (a.rest === b.rest) return 0;
  return a.rest < b.rest ? -1 : 1;
};
