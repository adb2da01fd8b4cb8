import { isUtf8 } from 'node:buffer';
import type { ByteText } from './byte-text.ts';
import { colon, quote, skipBlank, skipString, unusual } from './skip-json.ts';
import { createSpan, type Span } from './walk-json.ts';

/**
 * Shapes of lines: what is left of a line when some of its strings are taken out. A line that has the shape of a line that is JSON, and
 * JSON's strings in the same places, is JSON as well, and all that can be said about those places holds for it too.
 */
export interface KnownShapes<Finding> {
  /** The strings of the line that was matched last, those that are not part of its shape, in order; number {@link mostStrings} is always nothing. */
  readonly strings: readonly Span[];
  /** The position of that line's line feed. */
  readonly lineFeed: number;
  /** What was found out about the shape of the line at `from`; nothing where that is unknown, or one of its strings is unusual or not UTF-8. */
  match(text: ByteText, from: number): Finding | undefined;
  /**
   * Remembers the shape of the line from `from` to its line feed at `to`, which has to be JSON without an escape.
   *
   * @param find is given the positions of the strings that are not part of the shape, in order
   */
  learn(text: ByteText, from: number, to: number, find: (starts: readonly number[]) => Finding): void;
}

/** Part of a shape: what stands before a string, or at the end of the line. Shapes that begin alike share their first stretches. */
interface Stretch<Finding> {
  readonly length: number;
  /**
   * Its bytes by eights, each as a number of 64 bits, of which equal ones have equal bits: JSON has no byte of 0, so none is a zero of
   * either sign, and one that is no number equals nothing. What is left of them, seven at most, as two fours under masks.
   */
  readonly words: Float64Array;
  readonly rest: number;
  readonly restMask: number;
  readonly last: number;
  readonly lastMask: number;
  /** What may follow the string behind it, mostly the frequent before the rare. */
  readonly next: Stretch<Finding>[];
  /** For the last of a line. */
  readonly finding: Finding | undefined;
}

/** Bounds of the memory for data in which every line has a shape of its own, and of the time to look through alternatives. */
const mostStretches = 20_000;
const mostBytes = 4 * 1024 * 1024;
const mostAlternatives = 24;
/** A line with as many strings or more is not remembered. */
export const mostStrings = 512;

const isAt = <Finding>({ view }: ByteText, from: number, stretch: Stretch<Finding>): boolean => {
  const { words, rest, restMask, last, lastMask } = stretch;
  let at = from;
  for (let word = 0; word < words.length; word += 1, at += 8) {
    if (view.getFloat64(at, true) !== words[word]) return false;
  }
  const difference = ((view.getInt32(at, true) ^ rest) & restMask) | ((view.getInt32(at + 4, true) ^ last) & lastMask);
  return difference === 0;
};

/** A mask for so many of the four bytes of a little-endian number. */
const maskOf = (bytes: number): number => (bytes >= 4 ? -1 : bytes <= 0 ? 0 : (1 << (8 * bytes)) - 1);

const createStretch = <Finding>(
  { view }: ByteText,
  from: number,
  to: number,
  finding: Finding | undefined,
): Stretch<Finding> => {
  const length = to - from;
  const words = Float64Array.from({ length: length >> 3 }, (_, word) => view.getFloat64(from + 8 * word, true));
  const behind = to - (length & 7);
  return {
    length,
    words,
    rest: view.getInt32(behind, true),
    restMask: maskOf(length & 7),
    last: view.getInt32(behind + 4, true),
    lastMask: maskOf((length & 7) - 4),
    next: [],
    finding,
  };
};

/** The stretch that stands at `from`. One that was not the first of its alternatives goes a place forward. */
const findStretch = <Finding>(
  text: ByteText,
  from: number,
  alternatives: Stretch<Finding>[],
): Stretch<Finding> | undefined => {
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
};

/** Where the strings of a line stand that are no keys, and not shared. */
const findStrings = (
  text: ByteText,
  from: number,
  to: number,
  isShared: (text: ByteText, from: number, to: number) => boolean,
): readonly Span[] => {
  const strings: Span[] = [];
  for (let at = from; at < to; at += 1) {
    if (text.bytes[at] !== quote) continue;
    const after = skipString(text, at + 1);
    const isKey = text.bytes[skipBlank(text, after)] === colon;
    if (!isKey && !isShared(text, at + 1, after - 1)) strings.push({ from: at + 1, to: after - 1 });
    at = after - 1;
  }
  return strings;
};

/** @param isShared whether a string is part of the shape, as keys are */
export const createKnownShapes = <Finding>(
  isShared: (text: ByteText, from: number, to: number) => boolean,
): KnownShapes<Finding> => {
  const first: Stretch<Finding>[] = [];
  const strings = Array.from({ length: mostStrings + 1 }, createSpan);
  let lineFeed = unusual;
  let [stretches, bytes] = [0, 0];
  const add = (text: ByteText, from: number, to: number, all: Stretch<Finding>[], finding: Finding | undefined) => {
    const known = all.find((one) => one.length === to - from && isAt(text, from, one));
    if (known !== undefined) return known;
    if (all.length === mostAlternatives || stretches === mostStretches || bytes + to - from > mostBytes)
      return undefined;
    const stretch = createStretch(text, from, to, finding);
    all.push(stretch);
    stretches += 1;
    bytes += stretch.length;
    return stretch;
  };
  return {
    strings,
    get lineFeed() {
      return lineFeed;
    },
    match(text, from) {
      text.isAscii = true;
      let alternatives = first;
      let at = from;
      for (let count = 0; ; count += 1) {
        const stretch = findStretch(text, at, alternatives);
        const string = strings[count];
        if (stretch === undefined || string === undefined) return undefined;
        at += stretch.length;
        if (stretch.finding !== undefined) {
          lineFeed = at - 1;
          return text.isAscii || isUtf8(text.bytes.subarray(from, at)) ? stretch.finding : undefined;
        }
        string.from = at;
        at = skipString(text, at) - 1;
        if (at < string.from) return undefined;
        string.to = at;
        alternatives = stretch.next;
      }
    },
    learn(text, from, to, find) {
      const found = findStrings(text, from, to, isShared);
      if (found.length >= mostStrings) return;
      let alternatives: Stretch<Finding>[] | undefined = first;
      let at = from;
      for (const string of found) {
        alternatives = add(text, at, string.from, alternatives, undefined)?.next;
        if (alternatives === undefined) return;
        at = string.to;
      }
      add(text, at, to + 1, alternatives, find(found.map(({ from: start }) => start)));
    },
  };
};
