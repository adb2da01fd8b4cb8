import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHashTable, type HashTable } from '../../functions/episodes/hash-table.ts';

/** The second numbers of all entries of a hash that can be found. */
const find = (table: HashTable, hash: number): readonly number[] => {
  const segment = table.segmentOf(hash);
  const found: number[] = [];
  for (let at = table.firstPlace(hash); segment[at] !== 0; at = table.nextPlace(at)) {
    if (segment[at] === hash) found.push(segment[at + 1] ?? 0);
  }
  return found;
};

describe.each([2, 3] as const)('a table of %s numbers an entry', (width) => {
  test('finds what was put in, and nothing else, however unevenly hashes are spread', () => {
    const hash = fc.oneof(
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      fc.integer({ min: 1, max: 20_000 }).map((n) => (n * 4096) >>> 0 || 1),
    );
    fc.assert(
      fc.property(fc.uniqueArray(hash, { maxLength: 9000, size: 'max' }), (hashes) => {
        const table = createHashTable(width);
        hashes.forEach((one, at) => {
          expect(find(table, one)).toEqual([]);
          table.insert(one, at, 7);
        });
        hashes.forEach((one, at) => {
          expect(find(table, one)).toEqual([at]);
        });
      }),
      { numRuns: 5 },
    );
  });
});

test('entries of one hash are kept side by side', () => {
  const table = createHashTable(2);
  for (const second of [1, 2, 3]) table.insert(4095, second);
  expect(find(table, 4095)).toEqual([1, 2, 3]);
});

test('a segment that is split keeps what it had, and the third numbers with it', () => {
  const table = createHashTable(3);
  for (let n = 1; n <= 100_000; n += 1) table.insert(Math.imul(n, 0x9e3779b1) >>> 0, n, n + 1);
  for (let n = 1; n <= 100_000; n += 1) {
    const hash = Math.imul(n, 0x9e3779b1) >>> 0;
    const segment = table.segmentOf(hash);
    let at = table.firstPlace(hash);
    while (segment[at] !== hash) at = table.nextPlace(at);
    if (segment[at + 1] !== n || segment[at + 2] !== n + 1) throw new Error(`${n} is lost`);
  }
});
