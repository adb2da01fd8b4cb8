import { expect, test } from 'vitest';
import { readKeep } from '../../local/read-keep.ts';

test.each([
  ['what its record says', { import: { keep: 5, baseUrl: 'https://private.test' } }, 5],
  ['three where it does not say', { import: {} }, 3],
  ['one where nothing is imported', {}, 1],
  ['the most that can be where it cannot be told', { import: { keep: '5' } }, 30],
])('of a tenant %s', (_case, record, keep) => {
  expect(readKeep(record)).toBe(keep);
});
