import { expect, test } from 'vitest';
import { pollPause, readRetryAfter } from '../../functions/imports/retry-after.ts';

const now = Date.UTC(2026, 3, 16, 11, 0, 0);

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['Thu, 16 Apr 2026 11:01:00 GMT', 60_000],
  ['Thu, 16 Apr 2026 10:00:00 GMT', 0],
  ['Thursday, 16-Apr-26 11:01:00 GMT', undefined],
  ['Thu, 99 Foo 2026 11:01:00 GMT', undefined],
  ['1e9', undefined],
  ['-1', undefined],
  ['soon', undefined],
  ['99999999999', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j asks for %j milliseconds', (header, expected) => {
  expect(readRetryAfter(header, now)).toBe(expected);
});

test('an export is looked at again after a second at least and ten minutes at most; half a minute without a wish', () => {
  expect([undefined, 0, 45_000, 86_400_000].map(pollPause)).toEqual([30_000, 1_000, 45_000, 600_000]);
});
