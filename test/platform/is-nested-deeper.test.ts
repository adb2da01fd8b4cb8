import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNestedDeeper } from '../../functions/platform/is-nested-deeper.ts';

const depthOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
};

const brackets = fc.constantFrom('{', '}', '[', ']', '"', '\\', 'a', '{[', ']}');

const texts = fc.array(brackets, { maxLength: 6 }).map((letters) => letters.join(''));

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    texts,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 2 }),
  ),
})).value;

test('JSON is as deep as its objects and arrays are nested, whatever stands in its texts', () => {
  fc.assert(
    fc.property(values, fc.boolean(), (value, isSpaced) => {
      const json = JSON.stringify(value, undefined, isSpaced ? 1 : 0);
      const depth = depthOf(value);
      expect(isNestedDeeper(json, depth)).toBe(false);
      if (depth > 0) expect(isNestedDeeper(json, depth - 1)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('arrays and objects count alike, and what is closed no more', () => {
  expect(isNestedDeeper('[{"a":[]}]', 3)).toBe(false);
  expect(isNestedDeeper('[{"a":[]}]', 2)).toBe(true);
  expect(isNestedDeeper('[[],{},[],{}]', 2)).toBe(false);
});

test('it ends at the first level too many, however long the text goes on', () => {
  expect(isNestedDeeper('['.repeat(1_000_000), 32)).toBe(true);
});
