import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { parseDateTime } from '../../functions/episodes/fhir-date-time.ts';
import { scanDay, scanInstant, unusualTime } from '../../functions/episodes/scan-date-time.ts';

const instantOf = (text: string): number => scanInstant(byteTextOf(Buffer.from(text)), 0, Buffer.byteLength(text));
const dayOf = (text: string): number => scanDay(byteTextOf(Buffer.from(text)), 0);

/** What `parseDateTime` says, in milliseconds or as a day; `undefined` for anything else. */
const parsed = (text: string): number | undefined => {
  const value = parseDateTime(text);
  if (value === undefined) return undefined;
  return value.kind === 'instant' ? value.millis : value.firstDay;
};

test.each([
  '2024-03-01T12:34:56Z',
  '2024-02-29T00:00:00+01:00',
  '1900-01-01T00:00:00-13:59',
  '2100-12-31T23:59:59.999+13:59',
  '2024-03-01T12:34:56.007-00:30',
])('%s is scanned as it is parsed', (text) => {
  expect(instantOf(text)).toBe(parsed(text));
  expect(dayOf(text.slice(0, 10))).toBe(parsed(text.slice(0, 10)));
});

test('whatever is scanned is parsed alike, and all usual times are scanned', () => {
  const time = fc.date({ min: new Date('1900-01-02'), max: new Date('2100-12-30'), noInvalidDate: true });
  const form = fc.constantFrom('Z', '+00:00', '+01:00', '-09:30', '+13:59', '+14:00', '+0100', 'z', '');
  const damage = fc.option(fc.tuple(fc.nat({ max: 29 }), fc.constantFrom(...'0123456789-:.TZ+ x/')));
  let scanned = 0;
  fc.assert(
    fc.property(time, fc.boolean(), form, damage, (date, withMillis, zone, damaged) => {
      const whole = `${date.toISOString().slice(0, withMillis ? 23 : 19)}${zone}`;
      const [at, character] = damaged ?? [99, ''];
      const text = at < whole.length ? whole.slice(0, at) + character + whole.slice(at + 1) : whole;
      const [instant, day] = [instantOf(text), dayOf(text)];
      if (instant !== unusualTime) {
        expect(instant, text).toBe(parsed(text));
        scanned += 1;
      }
      if (day !== unusualTime) expect(day, text).toBe(parsed(text.slice(0, 10)));
      if (damaged === null && /^(Z|[+-]\d\d:[0-5]\d)$/.test(zone) && zone !== '+14:00')
        expect(instant).toBe(date.getTime() - (withMillis ? 0 : date.getUTCMilliseconds()) - offsetOf(zone));
    }),
    { numRuns: 3000 },
  );
  expect(scanned).toBeGreaterThan(500);
});

const offsetOf = (zone: string): number =>
  zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000;

test.each([
  ...[
    '1899-12-31T00:00:00Z',
    '2101-01-01T00:00:00Z',
    '10x1-01-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-00-01T00:00:00Z',
  ],
  ...[
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00.1Z',
  ],
  ...[
    '2024-01-01T00:00:00.1234Z',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00Z',
    '2024-01-01',
    '',
    '2024-01-01T00:00:00.123',
  ],
])('%s is left to parseDateTime', (text) => {
  expect(instantOf(text)).toBe(unusualTime);
});
