import type { ByteText } from './byte-text.ts';

/** One of several hashes of the same bytes that have nothing to do with each other. */
export interface HashKey {
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** Multipliers of MurmurHash3's variants of 32 and 128 bits. */
export const hashKeys: readonly [HashKey, HashKey] = [
  { first: 0xcc9e2d51 | 0, second: 0x1b873593, third: 0xe6546b64 | 0 },
  { first: 0x239b961b, second: 0xab0e9789 | 0, third: 0x561ccd1b },
];

const mix = (hash: number, four: number, { first, second, third }: HashKey): number => {
  const product = Math.imul(four, first);
  const mixed = hash ^ Math.imul((product << 15) | (product >>> 17), second);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + third) | 0;
};

/**
 * A hash of 32 bits of the bytes from `from` to `to`, in which each of them counts; four at once, as MurmurHash3 does it. Not for
 * secrets, and equal hashes prove nothing.
 */
export const hashBytes = ({ bytes, view }: ByteText, from: number, to: number, key: HashKey): number => {
  let hash = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) hash = mix(hash, view.getInt32(at, true), key);
  let rest = 0;
  for (; at < to; at += 1) rest = (rest << 8) | (bytes[at] ?? 0);
  hash = mix(hash, rest, key);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
