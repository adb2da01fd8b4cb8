import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findActiveDays } from '../../functions/episodes/active-days.ts';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { readEpisode } from '../../functions/episodes/episode-of-care.ts';
import { parseInstant } from '../../functions/episodes/fhir-date-time.ts';
import { createActiveDaysScanner } from '../../functions/episodes/scan-active-days.ts';
import { createEpisodeScanner } from '../../functions/episodes/scan-episode.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';
import { findTimeZone } from '../../functions/episodes/time-zone.ts';
import { episodesSomewhere } from '../support/arbitrary-episodes.ts';

/** The runs of a line by the scanner, and by the plain way; `undefined` where it is left to that. */
const bothWays = (line: string, timeZone: string, cutOff: string) => {
  const until = parseInstant(cutOff);
  const episode = readEpisode(Buffer.from(line));
  if (until === undefined) throw new TypeError('no instant');
  const zone = findTimeZone(timeZone);
  const scanner = createEpisodeScanner();
  const days = createActiveDaysScanner(zone, until);
  const text = byteTextOf(Buffer.from(line));
  const length = scanner.scan(text, 0) === unusual ? unusual : days.read(text, scanner.episode);
  const scanned = length === unusual ? undefined : [...days.runs.subarray(0, length)];
  const plain =
    typeof episode === 'string' ? [] : episode.intervals.flatMap((one) => [findActiveDays(one, zone, until)].flat());
  return { scanned, plain };
};

test('the days that are scanned are those that are found, around everything that a clock can do', () => {
  let scanned = 0;
  fc.assert(
    fc.property(episodesSomewhere, ({ timeZone, cutOff, lines }) => {
      for (const line of lines) {
        const both = bothWays(line, timeZone, cutOff);
        if (both.scanned === undefined) continue;
        expect(both.scanned, line).toEqual(both.plain);
        scanned += both.scanned.length;
      }
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 400) },
  );
  expect(scanned).toBeGreaterThan(100);
});

const copenhagen = (start: string, end?: string): readonly number[] | undefined =>
  bothWays(
    JSON.stringify({
      resourceType: 'EpisodeOfCare',
      status: 'finished',
      statusHistory: [{ status: 'active', period: { start, end } }],
      patient: { reference: 'Patient/1' },
    }),
    'Europe/Copenhagen',
    '2024-06-15T12:00:00Z',
  ).scanned;

test.each([
  ['2024-06-01T12:00:00Z', '2024-06-02T12:00:00.5Z'],
  ['2024-06-15T12:00:00Z', undefined],
  ['2024-06-02T12:00:00Z', '2024-06-02T12:00:00Z'],
  ['2024-06-02T12:00:00Z', '2024-06-01T12:00:00Z'],
  ['2024-06-02', '2024-06-01'],
  ['2024-06', undefined],
  ['2024-06-16', undefined],
])('an interval from %s to %s is left to the plain way', (start, end) => {
  expect(copenhagen(start, end)).toBeUndefined();
});

test.each([
  ['2024-06-01T12:00:00Z', '2024-06-02T22:00:00Z', 1],
  ['2024-06-01T12:00:00Z', '2024-06-02T22:00:00.001Z', 2],
  ['2024-06-01', '2024-06-02', 1],
  ['2024-06-01', '2030-01-01', 14],
  ['2024-06-01T12:00:00+02:00', undefined, 14],
  ['2024-03-01', '2024-04-30', 60],
  ['2024-03-31T00:30:00Z', '2024-03-31T22:30:00Z', 1],
])('an interval from %s to %s is scanned as one run of days', (start, end, more) => {
  const [first = 0, last] = copenhagen(start, end) ?? [];
  expect(last).toBe(first + more);
});
