import { ServiceError } from '../platform/service-error.ts';
import type { ByteText } from './byte-text.ts';
import { hashBytes, hashKeys } from './hash-bytes.ts';
import { createHashTable } from './hash-table.ts';

/** The ids of the resources of a data set that were read. */
export interface SeenIds {
  /**
   * Takes note of the id that stands from `from` to `to`.
   *
   * @returns whether it is new; of 25 million different ids one is taken for another's with a probability of 0.00002
   * @throws ServiceError `DATA_SET_TOO_LARGE` past the limit
   */
  add(text: ByteText, from: number, to: number): boolean;
}

/** An empty set. It holds hashes, 8 bytes each, in a table that is seven sixteenths to seven eighths full. */
export const createSeenIds = (limit: number): SeenIds => {
  const table = createHashTable(2);
  let size = 0;
  return {
    add(text, from, to) {
      const one = hashBytes(text, from, to, hashKeys[0]) || 1;
      const two = hashBytes(text, from, to, hashKeys[1]);
      const segment = table.segmentOf(one);
      for (let at = table.firstPlace(one); segment[at] !== 0; at = table.nextPlace(at)) {
        if (segment[at] === one && segment[at + 1] === two) return false;
      }
      table.insert(one, two);
      size += 1;
      if (size > limit) {
        throw new ServiceError('DATA_SET_TOO_LARGE', { cause: `the data set has more than ${limit} episodes` });
      }
      return true;
    },
  };
};
