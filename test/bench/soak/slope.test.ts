import { expect, test } from 'vitest';
import { slope } from '../../../bench/soak/slope.ts';

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
