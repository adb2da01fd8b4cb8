import { expect, test } from 'vitest';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { requireRoom } from '../../functions/episodes/require-room.ts';
import { serviceError } from '../support/service-error.ts';

const limits = { ...defaultLimits, episodes: 100, storedBytes: 3 * 1024 ** 3 };

test('a data set at its limits has room, also one of which nothing is known', () => {
  requireRoom([], limits);
  requireRoom([{}, { count: 60 }, { count: 40, bytes: 3 * 1024 ** 3 }], limits);
});

test('more episodes than a worker takes, or more bytes, is refused with the numbers and what to do', () => {
  expect(() => requireRoom([{ count: 60 }, { count: 41 }], limits)).toThrow(
    serviceError(
      'DATA_SET_TOO_LARGE',
      /^The manifest counts 101 episodes of care, and one worker takes 100\. Export fewer/,
    ) as Error,
  );
  expect(() => requireRoom([{ bytes: 3 * 1024 ** 3 }, { bytes: 1 }], limits)).toThrow(
    serviceError(
      'DATA_SET_TOO_LARGE',
      /^The files have 3221225473 bytes .* reads 3 GiB \(3221225472 bytes\)\. Export fewer/,
    ) as Error,
  );
});

test('plain files have no more room stored than unpacked', () => {
  const few = { ...limits, plainBytes: 10 };
  expect(() => requireRoom([{ bytes: 11 }], few)).toThrow(serviceError('DATA_SET_TOO_LARGE') as Error);
});
