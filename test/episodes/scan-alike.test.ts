import { expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createFastEpisodeScanner } from '../../functions/episodes/scan-alike.ts';
import { createEpisodeScanner, type EpisodeScanner } from '../../functions/episodes/scan-episode.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';

const found = (scanner: EpisodeScanner, line: string) => {
  const text = byteTextOf(Buffer.from(line));
  const to = scanner.scan(text, 0);
  if (to === unusual) return 'unusual';
  const { id, patient, intervals, starts, ends } = scanner.episode;
  return JSON.stringify({ to, id, patient, starts: starts.slice(0, intervals), ends: ends.slice(0, intervals) });
};

test('lines of shapes that were seen before give what a scan of each of them gives', () => {
  const fast = createFastEpisodeScanner();
  const lines = [...generateEpisodes({ count: 400, seed: 5, cutOff: '2026-04-01T00:00:00Z' })];
  for (const line of [...lines, ...lines]) {
    const expected = found(createEpisodeScanner(), line);
    expect(expected).not.toBe('unusual');
    expect(found(fast, line)).toBe(expected);
  }
});

test('of a line of a known shape the patient is looked at like any other', () => {
  const fast = createFastEpisodeScanner();
  const lineOf = (reference: string) =>
    `{"resourceType":"EpisodeOfCare","status":"finished","patient":{"reference":"${reference}"}}`;
  expect(found(fast, lineOf('Patient/1'))).not.toBe('unusual');
  for (const reference of ['', '#p', ' ', '/_history/1']) expect(found(fast, lineOf(reference))).toBe('unusual');
  const versioned = lineOf('Patient/1/_history/2');
  expect(found(fast, versioned)).toBe(found(createEpisodeScanner(), versioned));
});
