import { ServiceError } from '../platform/service-error.ts';

/**
 * Places for entries of a few numbers each, the first of which is a hash that is never 0: 0 is a free place. The places lie in segments
 * of one size. A segment that is seven eighths full is split in two; none is ever moved or thrown away, so that what the table takes
 * while it grows is what it takes afterwards. (Extendible hashing: R. Fagin and others, 1979.)
 */
export interface HashTable {
  /** The segment in which entries of a hash are, from {@link firstPlace} on, and none behind a free place. Valid until the next `insert`. */
  segmentOf(hash: number): Uint32Array;
  /** The position in its segment of the place at which to begin. */
  firstPlace(hash: number): number;
  /** The position of the place after another. */
  nextPlace(at: number): number;
  /**
   * Adds an entry, whether or not there is one like it. The third number is left out in a table of pairs.
   *
   * @throws ServiceError `DATA_SET_MALFORMED` for thousands of entries of one hash, which only come of ids made for it
   */
  insert(hash: number, second: number, third?: number): void;
}

const placeBits = 12;
const places = 1 << placeBits;
const mostEntries = (places * 7) / 8;
/** All that a hash of 32 bits has, apart from those that give the place. */
const mostSharedBits = 32 - placeBits;

/**
 * An empty table.
 *
 * @param width numbers of an entry, two or three
 */
export const createHashTable = (width: 2 | 3): HashTable => {
  const used = places * width;
  /** Behind its places each segment has the number of its entries, and of how many bits of the hash all of them share. */
  const [count, sharedBits] = [used, used + 1];
  const createSegment = (bits: number): Uint32Array => {
    const segment = new Uint32Array(used + 2);
    segment[sharedBits] = bits;
    return segment;
  };
  let segments = [createSegment(0)];
  /** Where a segment that is split is kept meanwhile. */
  const aside = new Uint32Array(used);
  const indexOf = (hash: number): number => (hash >>> placeBits) & (segments.length - 1);
  const segmentOf = (hash: number): Uint32Array => segments[indexOf(hash)] as Uint32Array;
  const firstPlace = (hash: number): number => (hash & (places - 1)) * width;
  const nextPlace = (at: number): number => (at + width === used ? 0 : at + width);
  const put = (segment: Uint32Array, hash: number, second: number, third: number): void => {
    let at = firstPlace(hash);
    while (segment[at] !== 0) at = nextPlace(at);
    segment[at] = hash;
    segment[at + 1] = second;
    if (width === 3) segment[at + 2] = third;
    segment[count] = (segment[count] ?? 0) + 1;
  };
  const split = (segment: Uint32Array, index: number): void => {
    const bits = segment[sharedBits] ?? 0;
    if (bits === mostSharedBits) {
      throw new ServiceError('DATA_SET_MALFORMED', {
        cause: 'thousands of ids or patients were made to have one hash',
      });
    }
    if (1 << bits === segments.length) segments = segments.concat(segments);
    const other = createSegment(bits + 1);
    for (let at = (index & ((1 << bits) - 1)) | (1 << bits); at < segments.length; at += 1 << (bits + 1)) {
      segments[at] = other;
    }
    aside.set(segment.subarray(0, used));
    segment.fill(0);
    segment[sharedBits] = bits + 1;
    for (let at = 0; at < used; at += width) {
      const hash = aside[at] ?? 0;
      if (hash !== 0) put(segmentOf(hash), hash, aside[at + 1] ?? 0, aside[at + 2] ?? 0);
    }
  };
  return {
    segmentOf,
    firstPlace,
    nextPlace,
    insert(hash, second, third = 0) {
      for (let segment = segmentOf(hash); segment[count] === mostEntries; segment = segmentOf(hash)) {
        split(segment, indexOf(hash));
      }
      put(segmentOf(hash), hash, second, third);
    },
  };
};
