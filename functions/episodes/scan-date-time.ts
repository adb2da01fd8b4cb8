import type { ByteText } from './byte-text.ts';
import { dayMillis, dayNumber, daysInMonth } from './calendar.ts';

/** The result for a text in another than the usual forms, be it a dateTime or not. */
export const unusualTime = Number.NEGATIVE_INFINITY;

/** Years whose months are known in advance. */
const [firstYear, lastYear] = [1900, 2100];
const months = (lastYear - firstYear + 1) * 12;
const firstDays = Int32Array.from({ length: months }, (_, at) =>
  dayNumber(firstYear + Math.floor(at / 12), (at % 12) + 1, 1),
);
const lengths = Uint8Array.from({ length: months }, (_, at) =>
  daysInMonth(firstYear + Math.floor(at / 12), (at % 12) + 1),
);

/** `-`, `:` and so on, as they stand in the usual forms. */
const [hyphen, colon, dot, letterT, letterZ, plus] = [0x2d, 0x3a, 0x2e, 0x54, 0x5a, 0x2b];

/** Larger than any number that is looked for, also in a sum or a product with one. */
const noNumber = 255;
/** The numbers that two digits say, by the two bytes as one little-endian number. */
const numbers = new Uint8Array(2 ** 16).fill(noNumber);
for (let number = 0; number < 100; number += 1) {
  numbers[Buffer.from(String(number).padStart(2, '0')).readUInt16LE()] = number;
}

/** The number of two digits; {@link noNumber} where there is anything else. */
const twoDigits = ({ view }: ByteText, at: number): number => numbers[view.getUint16(at, true)] ?? noNumber;

/**
 * The day, numbered as `calendar.ts` does, that a date (`2024-03-01`) at a position names, years 1900 to 2100; else
 * {@link unusualTime}. What follows it is not looked at.
 */
export const scanDay = (text: ByteText, at: number): number => {
  const { bytes } = text;
  if (bytes[at + 4] !== hyphen || bytes[at + 7] !== hyphen) return unusualTime;
  const year = twoDigits(text, at) * 100 + twoDigits(text, at + 2);
  const month = twoDigits(text, at + 5);
  const day = twoDigits(text, at + 8);
  if (year < firstYear || year > lastYear || month < 1 || month > 12) return unusualTime;
  const index = (year - firstYear) * 12 + month - 1;
  return day >= 1 && day <= (lengths[index] ?? 0) ? (firstDays[index] ?? 0) + day - 1 : unusualTime;
};

/** Milliseconds to be added to a time in a zone (`Z`, `+01:00`) that stands from `at` to `to`. */
const scanZone = (text: ByteText, at: number, to: number): number => {
  const { bytes } = text;
  const sign = bytes[at];
  if (to - at === 1 && sign === letterZ) return 0;
  if (to - at !== 6 || bytes[at + 3] !== colon || (sign !== plus && sign !== hyphen)) return unusualTime;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (hours > 13 || minutes > 59) return unusualTime;
  const distance = (hours * 60 + minutes) * 60_000;
  return sign === plus ? -distance : distance;
};

/** Thousandths behind a point. */
const scanThousandths = (text: ByteText, at: number): number => {
  const hundreds = ((text.bytes[at] ?? 0) - 0x30) >>> 0;
  const rest = twoDigits(text, at + 1);
  return hundreds <= 9 && rest <= 99 ? hundreds * 100 + rest : unusualTime;
};

/**
 * The milliseconds since the epoch that `parseDateTime` reads in the bytes from `at` to `to`, for date and time to the second or the
 * millisecond with a zone (`2024-03-01T12:34:56Z`, `2024-03-01T12:34:56.789+01:00`) in years 1900 to 2100. For all else, also a
 * second 60, {@link unusualTime}.
 */
export const scanInstant = (text: ByteText, at: number, to: number): number => {
  const { bytes } = text;
  if (to - at < 20 || bytes[at + 10] !== letterT || bytes[at + 13] !== colon || bytes[at + 16] !== colon)
    return unusualTime;
  const day = scanDay(text, at);
  const hours = twoDigits(text, at + 11);
  const minutes = twoDigits(text, at + 14);
  const seconds = twoDigits(text, at + 17);
  if (hours > 23 || minutes > 59 || seconds > 59) return unusualTime;
  const hasThousandths = bytes[at + 19] === dot;
  const thousandths = hasThousandths ? scanThousandths(text, at + 20) : 0;
  const zone = scanZone(text, hasThousandths ? at + 23 : at + 19, to);
  // Minus infinity in one of them is minus infinity in the sum.
  return day * dayMillis + ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths + zone;
};
