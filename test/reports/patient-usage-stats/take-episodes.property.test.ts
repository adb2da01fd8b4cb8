import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileInMemory } from '../../support/in-memory-data-set.ts';
import { createRandom } from '../../support/mutate-line.ts';
import { mutatedFile } from '../../support/mutated-file.ts';
import { takeLines } from '../../support/take-lines.ts';

const zones = ['Europe/Copenhagen', 'America/St_Johns', 'Pacific/Apia', 'UTC'];

test('scanned or parsed, whatever the lines are and wherever chunks end: the same is taken in, rejected and thrown', async () => {
  const seen = { lines: 0, parsed: 0, rejected: 0, failed: 0, episodes: 0 };
  const sizes = fc.record({
    chunkBytes: fc.integer({ min: 1, max: 3000 }),
    lineBytes: fc.constantFrom(1500, 1_000_000, 1_000_000, 1_000_000),
    tolerated: fc.constantFrom(0, 3, 100, 100, 100),
  });
  const drawn = fc.tuple(fc.nat({ max: 2 ** 31 }), fc.constantFrom(...zones), sizes);
  await fc.assert(
    fc.asyncProperty(drawn, async ([seed, timeZone, { chunkBytes, ...options }]) => {
      const file = fileInMemory('a.ndjson', mutatedFile(seed, 8, createRandom(seed)), {}, chunkBytes);
      const plain = await takeLines(file, { ...options, timeZone, scan: false });
      const scanned = await takeLines(file, { ...options, timeZone, scan: true });
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
