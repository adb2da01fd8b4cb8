import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { estimateEpisodes } from '../../functions/episodes/estimate-episodes.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';

test("the manifest's counts are taken as they are, also where they are 0", () => {
  expect(
    estimateEpisodes([
      { name: 'a.ndjson', bytes: 5_000_000, count: 7 },
      { name: 'b.ndjson.gz', bytes: 5_000_000, count: 0 },
    ]),
  ).toBe(7);
});

test('a file without count is estimated by its stored bytes, gzip by its name', () => {
  expect(estimateEpisodes([{ name: 'a.ndjson', bytes: 10_000 }])).toBe(10);
  expect(estimateEpisodes([{ name: 'a.ndjson.gz', bytes: 6000 }])).toBe(100);
  expect(
    estimateEpisodes([
      { name: 'a.ndjson', bytes: 1 },
      { name: 'b.ndjson', bytes: 10_000, count: 3 },
    ]),
  ).toBe(4);
});

test('a file of which the manifest tells neither count nor size counts nothing yet', () => {
  expect(estimateEpisodes([{ name: 'a.ndjson' }, { name: 'b.ndjson', count: 3 }])).toBe(3);
});

test('no files are no episodes', () => {
  expect(estimateEpisodes([])).toBe(0);
});

test('an estimate is above the real number, and less than twice it, for episodes of the usual size', () => {
  const count = 5000;
  const lines = [...generateEpisodes({ count, seed: 1, cutOff: '2026-04-16T09:44:11.000Z' })].join('\n');
  for (const file of [
    { name: 'a.ndjson', bytes: lines.length },
    { name: 'a.ndjson.gz', bytes: gzipSync(lines).length },
  ]) {
    expect(estimateEpisodes([file])).toBeGreaterThan(count);
    expect(estimateEpisodes([file])).toBeLessThan(2 * count);
  }
});
