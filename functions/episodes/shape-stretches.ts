import type { ByteText } from './byte-text.ts';

/**
 * Part of a shape of lines (see `KnownShapes`): what stands up to where a string begins to differ, or at the end of the line. Shapes that
 * begin alike share their first stretches.
 */
export interface Stretch<Finding> {
  readonly length: number;
  /** How many of its last bytes are the beginning of the string that it ends in. */
  readonly shared: number;
  /** Its eights of bytes are the words from one to before another. */
  readonly firstWord: number;
  readonly endWord: number;
  /** What is left of its bytes, seven at most, as two fours under masks. */
  readonly rest: number;
  readonly restMask: number;
  readonly last: number;
  readonly lastMask: number;
  /** What may follow the string behind it, mostly the frequent before the rare. */
  readonly next: Stretch<Finding>[];
  /** For the last of a line. */
  readonly finding: Finding | undefined;
}

/** Keeps stretches. */
export interface Stretches<Finding> {
  /** The one of the alternatives that stands at `from`. If it was not the first of them, it goes a place forward. */
  find(text: ByteText, from: number, alternatives: Stretch<Finding>[]): Stretch<Finding> | undefined;
  /**
   * Adds the stretch that stands from `from` to `to` to the alternatives; nothing where there are too many.
   *
   * @param shared see {@link Stretch}
   * @param finding see {@link Stretch}
   */
  add(
    alternatives: Stretch<Finding>[],
    text: ByteText,
    [from, to]: readonly [number, number],
    shared: number,
    finding?: Finding,
  ): Stretch<Finding> | undefined;
}

/** Bounds of the memory for data in which every line has a shape of its own, and of the time to look through alternatives. */
const mostStretches = 20_000;
const mostWords = 512 * 1024;
const mostAlternatives = 24;

/** A mask for so many of the four bytes of a little-endian number. */
const maskOf = (bytes: number): number => (bytes >= 4 ? -1 : bytes <= 0 ? 0 : (1 << (8 * bytes)) - 1);

/** No stretches. */
export const createStretches = <Finding>(): Stretches<Finding> => {
  /**
   * Eight bytes each, as a number of 64 bits, of which equal ones have equal bits: JSON has no byte of 0, so none is a zero of either
   * sign, and one that is no number equals nothing.
   */
  let words = new Float64Array(1024);
  let [stretches, used] = [0, 0];
  const isAt = ({ view }: ByteText, from: number, stretch: Stretch<Finding>): boolean => {
    const { endWord } = stretch;
    let at = from;
    for (let word = stretch.firstWord; word < endWord; word += 1, at += 8) {
      if (view.getFloat64(at, true) !== words[word]) return false;
    }
    if (((view.getInt32(at, true) ^ stretch.rest) & stretch.restMask) !== 0) return false;
    return ((view.getInt32(at + 4, true) ^ stretch.last) & stretch.lastMask) === 0;
  };
  const makeRoom = (needed: number): void => {
    if (needed <= words.length) return;
    const fewer = words;
    words = new Float64Array(2 * needed);
    words.set(fewer);
  };
  return {
    find(text, from, alternatives) {
      for (let at = 0; at < alternatives.length; at += 1) {
        const stretch = alternatives[at];
        if (stretch === undefined || !isAt(text, from, stretch)) continue;
        const before = at === 0 ? undefined : alternatives[at - 1];
        if (before !== undefined) {
          alternatives[at - 1] = stretch;
          alternatives[at] = before;
        }
        return stretch;
      }
      return undefined;
    },
    add(alternatives, { view }, [from, to], shared, finding) {
      const length = to - from;
      const firstWord = used;
      const endWord = used + (length >> 3);
      if (alternatives.length === mostAlternatives || stretches === mostStretches || endWord > mostWords) {
        return undefined;
      }
      stretches += 1;
      makeRoom(endWord);
      for (; used < endWord; used += 1) words[used] = view.getFloat64(from + 8 * (used - firstWord), true);
      const behind = to - (length & 7);
      const [rest, restMask] = [view.getInt32(behind, true), maskOf(length & 7)];
      const [last, lastMask] = [view.getInt32(behind + 4, true), maskOf((length & 7) - 4)];
      const stretch = { length, shared, firstWord, endWord, rest, restMask, last, lastMask, next: [], finding };
      alternatives.push(stretch);
      return stretch;
    },
  };
};
