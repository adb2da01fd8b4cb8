import { type ByteText, byteTextOf } from './byte-text.ts';

/** Beginnings that many byte strings have, up to their last slash, numbered from 1 on so that each has to be kept only once. */
export interface SharedBeginnings {
  /**
   * The number of the bytes from `from` to `to`, a new one where they are new. 0 where they are too many, or came when there were
   * {@link mostBeginnings} others: the same bytes always have the same number.
   */
  numberOf(text: ByteText, from: number, to: number): number;
}

/** References of a data set begin in a few ways: with the address of a server. A number fits in a byte. */
export const mostBeginnings = 16;
const mostBytes = 1024;

/** No beginnings. */
export const createSharedBeginnings = (): SharedBeginnings => {
  const known: { readonly length: number; readonly text: ByteText }[] = [];
  const isAt = (text: ByteText, from: number, other: ByteText, length: number): boolean => {
    let at = 0;
    for (; at + 4 <= length; at += 4)
      if (text.view.getInt32(from + at, true) !== other.view.getInt32(at, true)) return false;
    for (; at < length; at += 1) if (text.bytes[from + at] !== other.bytes[at]) return false;
    return true;
  };
  return {
    numberOf(text, from, to) {
      const length = to - from;
      for (let index = 0; index < known.length; index += 1) {
        const one = known[index];
        if (one?.length === length && isAt(text, from, one.text, length)) return index + 1;
      }
      if (known.length === mostBeginnings || length > mostBytes) return 0;
      known.push({ length, text: byteTextOf(text.bytes.subarray(from, to)) });
      return known.length;
    },
  };
};
