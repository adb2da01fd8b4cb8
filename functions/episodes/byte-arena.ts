import type { ByteText } from './byte-text.ts';

/** Byte strings, one behind the other in chunks that are never moved. */
export interface ByteArena {
  /** Keeps a copy of the bytes from `from` to `to`, with a kind of one byte. @returns its place, a number below 2^32 */
  add(kind: number, text: ByteText, from: number, to: number): number;
  /** Whether kind and bytes from `from` to `to` are those that were kept at a place. */
  isAt(place: number, kind: number, text: ByteText, from: number, to: number): boolean;
}

/** A place is the number of a chunk and an offset in it: 4096 chunks. */
const offsetBits = 20;
const chunkBytes = 1 << offsetBits;
/** Its length and kind stand before each string. */
const lengthBytes = 4;
const headBytes = lengthBytes + 1;

/** An empty arena. */
export const createByteArena = (): ByteArena => {
  const chunks: Buffer[] = [];
  let chunk = Buffer.alloc(0);
  let used = 0;
  return {
    add(kind, { bytes }, from, to) {
      const length = to - from;
      if (used + headBytes + length > chunk.length) {
        // A string that is longer than a chunk has one of its own.
        chunk = Buffer.alloc(Math.max(chunkBytes, headBytes + length));
        chunks.push(chunk);
        used = 0;
      }
      const place = (chunks.length - 1) * chunkBytes + used;
      chunk.writeInt32LE(length, used);
      chunk[used + lengthBytes] = kind;
      bytes.copy(chunk, used + headBytes, from, to);
      used += headBytes + length;
      return place;
    },
    isAt(place, kind, { bytes }, from, to) {
      const kept = chunks[Math.floor(place / chunkBytes)];
      if (kept === undefined) return false;
      let at = place % chunkBytes;
      if (kept.readInt32LE(at) !== to - from || kept[at + lengthBytes] !== kind) return false;
      at += headBytes;
      for (let other = from; other < to; other += 1, at += 1) if (kept[at] !== bytes[other]) return false;
      return true;
    },
  };
};
