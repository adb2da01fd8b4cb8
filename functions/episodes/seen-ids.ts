import { ServiceError } from '../platform/service-error.ts';

/** The ids of the resources of a data set that were read. */
export interface SeenIds {
  /**
   * Takes note of an id.
   *
   * @returns whether it is new; of 25 million different ids one is taken for another's with a probability of 0.00002
   * @throws ServiceError `DATA_SET_TOO_LARGE` past the limit
   */
  add(id: string): boolean;
}

/**
 * Two 32-bit hashes of a text that depend on all of it: multiplication and xor by character, mixed at the end as in MurmurHash3's
 * finalizer. Not for secrets.
 */
const hash = (text: string): readonly [number, number] => {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    one = Math.imul(one ^ char, 0x9e3779b1);
    two = Math.imul(two ^ char, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return [one >>> 0, two >>> 0];
};

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
      const [one = 0, two = 0] = [fewer[at], fewer[at + 1]];
      if (one !== 0) insert(one, two);
    }
  };
  return {
    add(id) {
      const [one, two] = hash(id);
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
