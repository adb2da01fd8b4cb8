import { expect, test } from 'vitest';
import { checkItself } from '../../../bench/harness/self-check.ts';

test('the same thing twice may differ by the tolerance, either way', () => {
  expect(checkItself([104, 100, 103], [100, 100, 100], 0.05)).toBeUndefined();
  expect(checkItself([100, 100, 100], [104, 100, 103], 0.05)).toBeUndefined();
});

test('beyond it the run says that it is not to be trusted, and by how much', () => {
  expect(checkItself([110, 110], [100, 100], 0.05)).toBe(
    'the same thing twice came to × 1.10, and × 1.05 is tolerated',
  );
  expect(checkItself([100, 100], [110, 110], 0.05)).toContain('× 0.91');
});
