import { expect, test } from 'vitest';
import { percentile, slope } from '../../../bench/soak/statistics.ts';

test('a percentile is the value that a share of all does not exceed', () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([0.5, 0.9, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 90, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test('a slope is that of the line that fits best', () => {
  expect(slope([0, 1, 2, 3].map((x) => [x, 5 + 2 * x]))).toBeCloseTo(2);
  expect(
    slope([
      [0, 1],
      [1, 3],
      [2, 2],
    ]),
  ).toBeCloseTo(0.5);
  expect([slope([]), slope([[1, 9]])]).toEqual([0, 0]);
});
