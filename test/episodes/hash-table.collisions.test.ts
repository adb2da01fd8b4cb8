import { expect, test } from 'vitest';
import { createHashTable } from '../../functions/episodes/hash-table.ts';
import { serviceError } from '../support/service-error.ts';

test('thousands of entries of one hash are refused, and not made room for without end', () => {
  const table = createHashTable(2);
  const fill = (): void => {
    for (let second = 0; second < 4096; second += 1) table.insert(12_345_678, second);
  };
  expect(fill).toThrow(serviceError('DATA_SET_MALFORMED'));
});
