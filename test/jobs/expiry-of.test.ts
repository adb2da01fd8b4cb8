import { expect, test } from 'vitest';
import { expiryOf } from '../../functions/jobs/expiry-of.ts';

test('a Binary is kept as long as it was promised, or less where retention has been shortened since', () => {
  const job = { created: 1000, expires: 1000 + 90 };
  expect(expiryOf(job, 90)).toBe(1090);
  expect(expiryOf(job, 30)).toBe(1030);
  expect(expiryOf(job, 365)).toBe(1090);
});
