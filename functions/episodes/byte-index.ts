import { createByteArena } from './byte-arena.ts';
import type { ByteText } from './byte-text.ts';
import { hashBytes, hashKeys } from './hash-bytes.ts';
import { createHashTable } from './hash-table.ts';
import { createSharedBeginnings } from './shared-beginnings.ts';

/** Numbers for different byte strings, from 0 on in the order in which they came. V8's Map ends at 16.7 million entries; this does not. */
export interface ByteIndex {
  /** The number of the bytes from `from` to `to`, a new one where they are new. Compares the bytes themselves. */
  numberOf(text: ByteText, from: number, to: number): number;
  /** How many there are. */
  readonly size: number;
}

const slash = 0x2f;

/** The position after the last slash; `from` where there is none. */
const afterLastSlash = ({ bytes }: ByteText, from: number, to: number): number => {
  let at = to;
  while (at > from && bytes[at - 1] !== slash) at -= 1;
  return at;
};

/** An empty index. Keeps of each string what stands behind its last slash, and what stands before once for all that have it. */
export const createByteIndex = (): ByteIndex => {
  const arena = createByteArena();
  const beginnings = createSharedBeginnings();
  /** Hash, number, place in the arena. */
  const table = createHashTable(3);
  // A field and not a getter: V8 keeps objects that were written with getters as tables, and looks up each call of theirs.
  const index = {
    size: 0,
    numberOf(text: ByteText, from: number, to: number): number {
      const cut = afterLastSlash(text, from, to);
      const beginning = beginnings.numberOf(text, from, cut);
      const rest = beginning === 0 ? from : cut;
      const hash = (hashBytes(text, rest, to, hashKeys[0]) ^ Math.imul(beginning, 0x9e3779b1)) >>> 0 || 1;
      const segment = table.segmentOf(hash);
      for (let at = table.firstPlace(hash); segment[at] !== 0; at = table.nextPlace(at)) {
        if (segment[at] !== hash) continue;
        if (arena.isAt(segment[at + 2] ?? 0, beginning, text, rest, to)) return segment[at + 1] ?? 0;
      }
      table.insert(hash, index.size, arena.add(beginning, text, rest, to));
      index.size += 1;
      return index.size - 1;
    },
  };
  return index;
};
