import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeenIds } from '../../functions/episodes/seen-ids.ts';
import { reusedText } from '../support/reused-text.ts';
import { serviceError } from '../support/service-error.ts';

const createIds = (limit: number) => {
  const ids = createSeenIds(limit);
  return {
    add(id: string): boolean {
      const { text, to } = reusedText(id);
      return ids.add(text, 0, to);
    },
  };
};

describe('seen ids', () => {
  test('an id is new the first time only', () => {
    const ids = createIds(10);
    expect([ids.add('a'), ids.add('b'), ids.add('a'), ids.add(''), ids.add('')]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });
  test('tell apart what a set of texts tells apart, however the texts look', () => {
    const text = fc.oneof(fc.string({ maxLength: 4 }), fc.uuid(), fc.nat(3000).map(String));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3000, size: 'max' }), (texts) => {
        const ids = createIds(3000);
        const known = new Set<string>();
        for (const one of texts) {
          expect(ids.add(one)).toBe(!known.has(one));
          known.add(one);
        }
      }),
      { numRuns: 20 },
    );
  });
  test('two hundred thousand ids that differ in one digit are all told apart, and found again', () => {
    const ids = createIds(200_000);
    let fresh = 0;
    for (let n = 0; n < 200_000; n += 1) if (ids.add(`episode-${n}`)) fresh += 1;
    expect(fresh).toBe(200_000);
    let again = 0;
    for (let n = 0; n < 200_000; n += 1) if (!ids.add(`episode-${n}`)) again += 1;
    expect(again).toBe(200_000);
  });
  test('one more than the limit is too large a data set, one that was seen is not', () => {
    const ids = createIds(2);
    ids.add('a');
    ids.add('b');
    expect(ids.add('b')).toBe(false);
    expect(() => ids.add('c')).toThrow(serviceError('DATA_SET_TOO_LARGE'));
  });
});
