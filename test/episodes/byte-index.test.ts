import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createByteIndex } from '../../functions/episodes/byte-index.ts';
import { encodeText } from '../../functions/episodes/byte-text.ts';
import { hashBytes, hashKeys } from '../../functions/episodes/hash-bytes.ts';
import { reusedText } from '../support/reused-text.ts';

const createIndex = () => {
  const index = createByteIndex();
  return {
    size: () => index.size,
    numberOf: (string: string): number => {
      const { text, to } = encodeText(string);
      return index.numberOf(text, 0, to);
    },
  };
};

describe('numbers', () => {
  test('are those of a map from texts, however the texts look', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.nat(2000).map(String),
      fc.nat(300).map((n) => `00${n}`),
      fc.tuple(fc.nat(40), fc.nat(40)).map(([server, n]) => `https://${server}.example.test/Patient/${n}`),
      fc.tuple(fc.constantFrom('', '/', '//', 'a/'), fc.nat(40)).map(([before, n]) => `${before}${n}`),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 2000, size: 'max' }), (texts) => {
        const index = createIndex();
        const known = new Map<string, number>();
        for (const one of texts) {
          if (!known.has(one)) known.set(one, known.size);
          expect(index.numberOf(one)).toBe(known.get(one));
        }
        expect(index.size()).toBe(known.size);
      }),
      { numRuns: 20 },
    );
  });

  test('are kept while the table grows, also of texts longer than a chunk of the arena', () => {
    const index = createIndex();
    const long = 'x'.repeat(1_100_000);
    expect([index.numberOf(long), index.numberOf(`${long}y`), index.numberOf('')]).toEqual([0, 1, 2]);
    for (let n = 0; n < 8000; n += 1) index.numberOf(`https://patient.example.test/fhir/Patient/${n}`);
    for (let n = 0; n < 8000; n += 1)
      expect(index.numberOf(`https://patient.example.test/fhir/Patient/${n}`)).toBe(n + 3);
    expect([index.numberOf(''), index.numberOf(`${long}y`), index.numberOf(long)]).toEqual([2, 1, 0]);
    expect(index.size()).toBe(8003);
  });
});

test('beginnings that are shared, too many or too long make no difference', () => {
  const index = createIndex();
  const beginnings = ['', '/', 'x'.repeat(5000), ...Array.from({ length: 40 }, (_, n) => `https://${n}.example.test`)];
  const texts = beginnings.flatMap((beginning) => [
    `${beginning}/1`,
    `${beginning}/01`,
    `${beginning}/`,
    `${beginning}1`,
  ]);
  const distinct = [...new Set(texts)];
  expect(texts.map(index.numberOf)).toEqual(texts.map((text) => distinct.indexOf(text)));
  expect(texts.map(index.numberOf)).toEqual(texts.map((text) => distinct.indexOf(text)));
});

/** Two texts of one hash: among so many of 32 bits there is nearly always a pair. */
const findCollision = (): readonly [string, string] => {
  const known = new Map<number, string>();
  for (let n = 0; n < 1_000_000; n += 1) {
    const string = `Patient-${n}`;
    const { text, to } = reusedText(string);
    const hash = hashBytes(text, 0, to, hashKeys[0]);
    const other = known.get(hash);
    if (other !== undefined) return [other, string];
    known.set(hash, string);
  }
  throw new Error('no two texts of one hash');
};

test('texts of one hash are told apart by their bytes', () => {
  const index = createIndex();
  const [one, other] = findCollision();
  expect([index.numberOf(one), index.numberOf(other), index.numberOf(one), index.numberOf(other)]).toEqual([
    0, 1, 0, 1,
  ]);
});
