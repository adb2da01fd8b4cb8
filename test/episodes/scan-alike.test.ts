import { describe, expect, test } from 'vitest';
import { byteTextOf } from '../../functions/episodes/byte-text.ts';
import { createFastEpisodeScanner } from '../../functions/episodes/scan-alike.ts';
import { createEpisodeScanner, type EpisodeScanner } from '../../functions/episodes/scan-episode.ts';
import { unusual } from '../../functions/episodes/skip-json.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';

const found = (scanner: EpisodeScanner, line: string) => {
  const text = byteTextOf(Buffer.from(line));
  const to = scanner.scan(text, 0);
  if (to === unusual) return 'unusual';
  const { id, patient, intervals, dates } = scanner.episode;
  return JSON.stringify({ to, id, patient, dates: [...dates.subarray(0, 4 * intervals)] });
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

describe('of a line in which something that is wanted reads like a status or a definition', () => {
  const episode = { resourceType: 'EpisodeOfCare', status: 'finished', patient: { reference: 'Patient/1' } };
  const period = (start: string, end: string) => ({ statusHistory: [{ status: 'active', period: { start, end } }] });
  test.each([
    { id: 'active' },
    { id: 'EpisodeOfCare' },
    { patient: { reference: 'finished' } },
    { patient: { reference: 'https://a.example/StructureDefinition/1' } },
    period('2024-01-01', 'active'),
    period('onhold', '2024-01-01'),
  ])('%j is found every time', (members) => {
    const fast = createFastEpisodeScanner();
    const line = JSON.stringify({ ...episode, ...members });
    const expected = found(createEpisodeScanner(), line);
    expect(expected).not.toBe('unusual');
    for (let times = 0; times < 3; times += 1) expect(found(fast, line)).toBe(expected);
  });
});

test('references with and without version, of several servers, and extensions of any url are found alike', () => {
  const fast = createFastEpisodeScanner();
  const references = ['Patient/7', 'https://a.example/fhir/Patient/7', 'https://b.example/Patient/7', 'urn:uuid:7'];
  for (let round = 0; round < 40; round += 1) {
    for (const reference of references.flatMap((one) => [one + round, `${one}${round}/_history/${round}`])) {
      const line = JSON.stringify({
        resourceType: 'EpisodeOfCare',
        id: `active/${round}`,
        extension: [{ url: `u${round % 30}`, valueString: 'x' }],
        status: 'finished',
        patient: { reference },
      });
      const expected = found(createEpisodeScanner(), line);
      expect(expected).not.toBe('unusual');
      expect(found(fast, line)).toBe(expected);
    }
  }
});
