import { expect, test } from 'vitest';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { defaultImportLimits, requireReadable } from '../../functions/imports/import-limits.ts';

const limits = { storedBytes: 100, plainBytes: 1000, episodes: 10 };
const half = { bytes: 50, plainBytes: 500, count: 5 };

test('what an import takes is what a worker takes', () => {
  expect(defaultImportLimits).toMatchObject({
    storedBytes: defaultLimits.storedBytes,
    plainBytes: defaultLimits.plainBytes,
    episodes: defaultLimits.episodes,
  });
});

test.each([
  [{ bytes: 51 }, '100 bytes as they are stored'],
  [{ plainBytes: 501 }, '1000 bytes'],
  [{ count: 6 }, '10 lines'],
])('segments that come to more are refused by the limit: %j', (own, limit) => {
  requireReadable([half, half], limits);
  expect(() => requireReadable([half, { ...half, ...own }], limits)).toThrow(
    `TOO_LARGE: A worker cannot read so much: more than ${limit}.`,
  );
});
