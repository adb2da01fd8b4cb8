import { ServiceError } from '../platform/service-error.ts';
import type { ByteText } from './byte-text.ts';
import { hashBytes, hashKeys } from './hash-bytes.ts';

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

/** A table is at most three quarters full, so that a free place is near. */
const isFull = (ids: number, places: number): boolean => ids * 4 >= places * 3;

/** An empty set. It holds hashes, 8 bytes each, in a table of twice to four thirds as many places. */
export const createSeenIds = (limit: number): SeenIds => {
  // Pairs of hashes; a first hash of 0 is a free place.
  let table = new Uint32Array(2 * 1024);
  let size = 0;
  const insert = (one: number, two: number): boolean => {
    const places = table.length / 2;
    for (let place = two & (places - 1); ; place = (place + 1) & (places - 1)) {
      if (table[2 * place] === 0) {
        table[2 * place] = one;
        table[2 * place + 1] = two;
        return true;
      }
      if (table[2 * place] === one && table[2 * place + 1] === two) return false;
    }
  };
  const grow = (): void => {
    const fewer = table;
    table = new Uint32Array(fewer.length * 2);
    for (let at = 0; at < fewer.length; at += 2) {
      const one = fewer[at] ?? 0;
      if (one !== 0) insert(one, fewer[at + 1] ?? 0);
    }
  };
  return {
    add(text, from, to) {
      const one = hashBytes(text, from, to, hashKeys[0]);
      const two = hashBytes(text, from, to, hashKeys[1]);
      if (isFull(size, table.length / 2)) grow();
      if (!insert(one || 1, two)) return false;
      size += 1;
      if (size > limit) {
        throw new ServiceError('DATA_SET_TOO_LARGE', { cause: `the data set has more than ${limit} episodes` });
      }
      return true;
    },
  };
};
