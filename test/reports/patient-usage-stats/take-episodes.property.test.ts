import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateEpisodes } from '../../../local/synthetic-episodes.ts';
import { fileInMemory } from '../../support/in-memory-data-set.ts';
import { createRandom, mutateLine, pick } from '../../support/mutate-line.ts';
import { takeLines } from '../../support/take-lines.ts';

const cutOff = '2026-04-01T00:00:00Z';
const zones = ['Europe/Copenhagen', 'America/St_Johns', 'Pacific/Apia', 'UTC'];

/** A file of mutated episodes, with one or the other line break, and sometimes without the last one. */
const writeFile = (seed: number): Buffer => {
  const random = createRandom(seed);
  const lines = [...generateEpisodes({ count: 6, seed, cutOff, years: 15 })].flatMap((line) => [
    mutateLine(Buffer.from(line), random),
    Buffer.from(pick(random, ['\n', '\n', '\n', '\r\n', '\n\n', '\n \n'])),
  ]);
  return Buffer.concat([Buffer.from(pick(random, ['', '', '\ufeff'])), ...lines.slice(0, pick(random, [12, 12, 11]))]);
};

test('scanned or parsed, whatever the lines are and wherever chunks and blocks end: the same is taken in, rejected and thrown', async () => {
  const seen = { lines: 0, parsed: 0, rejected: 0, failed: 0, episodes: 0 };
  const sizes = fc.record({
    chunkBytes: fc.integer({ min: 1, max: 3000 }),
    blockBytes: fc.integer({ min: 1, max: 4000 }),
    lineBytes: fc.constantFrom(1500, 1_000_000, 1_000_000, 1_000_000),
    tolerated: fc.constantFrom(0, 3, 100, 100, 100),
  });
  const drawn = fc.tuple(fc.nat({ max: 2 ** 31 }), fc.constantFrom(...zones), sizes);
  await fc.assert(
    fc.asyncProperty(drawn, async ([seed, timeZone, { chunkBytes, ...options }]) => {
      const file = fileInMemory('a.ndjson', writeFile(seed), {}, chunkBytes);
      const plain = await takeLines(file, { ...options, timeZone, cutOff, scan: false });
      const scanned = await takeLines(file, { ...options, timeZone, cutOff, scan: true });
      expect(scanned.taken).toEqual(plain.taken);
      seen.lines += plain.parsed;
      seen.parsed += scanned.parsed;
      seen.rejected += plain.taken.rejected.count;
      seen.failed += 'code' in plain.taken.read ? 1 : 0;
      seen.episodes += plain.taken.episodes;
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 150), seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_128) },
  );
  // The property says something only if much was scanned, much was left to JSON.parse, and both ends were met.
  expect(seen.parsed).toBeGreaterThan(seen.lines / 4);
  expect(seen.parsed).toBeLessThan((seen.lines * 3) / 4);
  expect(seen.rejected).toBeGreaterThan(seen.lines / 10);
  expect(seen.failed).toBeGreaterThan(10);
  expect(seen.episodes).toBeGreaterThan(seen.lines / 4);
});
