import { createByteArena } from './byte-arena.ts';
import type { ByteText } from './byte-text.ts';
import { hashBytes, hashKeys } from './hash-bytes.ts';

/** Numbers for different byte strings, from 0 on in the order in which they came. V8's Map ends at 16.7 million entries; this does not. */
export interface ByteIndex {
  /** The number of the bytes from `from` to `to`, a new one where they are new. Compares the bytes themselves. */
  numberOf(text: ByteText, from: number, to: number): number;
  /** How many there are. */
  readonly size: number;
}

/** Places are taken from the table in steps; it is at most three quarters full, so that a free one is near. */
const isFull = (entries: number, places: number): boolean => entries * 4 >= places * 3;

/** Numbers of three a place: hash, number plus one (0 where it is free), place in the arena. */
const perPlace = 3;

/** An empty index. */
export const createByteIndex = (): ByteIndex => {
  const arena = createByteArena();
  const [key] = hashKeys;
  let table = new Uint32Array(1024 * perPlace);
  let mask = 1023;
  let size = 0;
  const put = (hash: number, number: number, place: number): void => {
    let at = hash & mask;
    while (table[at * perPlace + 1] !== 0) at = (at + 1) & mask;
    table[at * perPlace] = hash;
    table[at * perPlace + 1] = number;
    table[at * perPlace + 2] = place;
  };
  const grow = (): void => {
    const fewer = table;
    mask = 2 * mask + 1;
    table = new Uint32Array((mask + 1) * perPlace);
    for (let at = 0; at < fewer.length; at += perPlace) {
      const number = fewer[at + 1] ?? 0;
      if (number !== 0) put(fewer[at] ?? 0, number, fewer[at + 2] ?? 0);
    }
  };
  return {
    numberOf(text, from, to) {
      const hash = hashBytes(text, from, to, key);
      for (let at = hash & mask; ; at = (at + 1) & mask) {
        const number = table[at * perPlace + 1] ?? 0;
        if (number === 0) break;
        if (table[at * perPlace] !== hash) continue;
        if (arena.isAt(table[at * perPlace + 2] ?? 0, text, from, to)) return number - 1;
      }
      if (isFull(size, mask + 1)) grow();
      size += 1;
      put(hash, size, arena.add(text, from, to));
      return size - 1;
    },
    get size() {
      return size;
    },
  };
};
