import { describe, expect, test } from 'vitest';
import type { Cursor } from '../../functions/imports/import.ts';
import { firstCursor } from '../../functions/imports/import-transitions.ts';
import { checkedBytes, cursorOf, isFurther, positionOf } from '../../functions/imports/reading-position.ts';

const stretches = [
  { bytes: 70, sha256: 'a' },
  { bytes: 30, sha256: 'b' },
];
const cursor: Cursor = { file: 1, offset: 100, lines: 4, stretches };
const compared = { validator: '"v"', stretches: 1 };

describe('a cursor', () => {
  test.each<[string, Cursor, number]>([
    ['without a validator: nothing is known to be of the file as it is now', cursor, 0],
    ['with one, as items of before have it: all is', { ...cursor, validator: '"v"' }, 100],
    ['that is being compared: what was found the same is', { ...cursor, compared }, 70],
    ['of nothing', firstCursor, 0],
  ])('%s', (_name, one, bytes) => {
    const position = positionOf(one);
    expect(checkedBytes(position)).toBe(bytes);
    expect(cursorOf(position)).toEqual(one);
  });

  test('is further by a file, by bytes, and by what was found the same', () => {
    const known = { ...cursor, validator: '"v"' };
    const furthers = [{ ...cursor, file: 2, offset: 0 }, { ...cursor, offset: 101 }, { ...cursor, compared }, known];
    expect(furthers.map((one) => isFurther(one, cursor))).toEqual([true, true, true, true]);
    expect(isFurther(known, { ...cursor, compared })).toBe(true);
    expect([isFurther(cursor, cursor), isFurther({ ...cursor, compared }, known)]).toEqual([false, false]);
  });
});
