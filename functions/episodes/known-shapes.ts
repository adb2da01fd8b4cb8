import { isUtf8 } from 'node:buffer';
import type { ByteText } from './byte-text.ts';
import { createStretches, type Stretch } from './shape-stretches.ts';
import { colon, quote, skipBlank, skipString, unusual } from './skip-json.ts';

/**
 * Shapes of lines: what is left of a line when some of its strings, or the ends of some, are taken out. A line that has the shape of a
 * line that is JSON, and in the same places what may end JSON's strings, is JSON as well, and all that can be said about those places
 * holds for it too.
 */
export interface KnownShapes<Finding> {
  /**
   * Where the strings of the line that was matched last begin and end (from, to, from, to, …), in order, but for those that are part of
   * its shape as a whole. The pair number {@link mostStrings} is always nothing.
   */
  readonly strings: Int32Array;
  /** The position of that line's line feed. */
  readonly lineFeed: number;
  /** What was found out about the shape of the line at `from`; nothing where that is unknown, or one of its strings is unusual or not UTF-8. */
  match(text: ByteText, from: number): Finding | undefined;
  /**
   * Remembers the shape of the line from `from` to its line feed at `to`, which has to be an object or an array of JSON without an escape.
   *
   * @param find is given where those strings begin of which {@link strings} will tell the places, in order; where it finds nothing, the
   *   shape stays unknown
   */
  learn(text: ByteText, from: number, to: number, find: (starts: readonly number[]) => Finding | undefined): void;
}

/**
 * How many bytes of a string that stands from `from` to `to` are part of the shape: some of its beginning, up to an end of a character, or
 * all of them and the closing quote.
 */
export type CountShared = (text: ByteText, from: number, to: number) => number;

/** Where so many stretches may stand, no further beginnings of strings are told apart. */
const mostBeginnings = 16;
/** A line with as many strings or more is not remembered. */
export const mostStrings = 512;

/** The next string behind `from` that is not part of the shape as a whole: where it begins, and how many of its bytes are. */
const findString = (text: ByteText, from: number, to: number, countShared: CountShared) => {
  for (let at = from + 1; at < to; at += 1) {
    if (text.bytes[at] !== quote) continue;
    const begin = at + 1;
    at = skipString(text, begin) - 1;
    if (text.bytes[skipBlank(text, at + 1)] === colon) continue;
    const shared = countShared(text, begin, at);
    if (shared <= at - begin) return { begin, shared };
  }
  return undefined;
};

/** @param countShared what of a string is part of the shape; a key is as a whole */
export const createKnownShapes = <Finding>(countShared: CountShared): KnownShapes<Finding> => {
  const stretches = createStretches<Finding>();
  const first: Stretch<Finding>[] = [];
  const strings = new Int32Array(2 * mostStrings + 2).fill(unusual);
  const addLast = (all: Stretch<Finding>[], text: ByteText, places: readonly [number, number], finding?: Finding) => {
    if (finding !== undefined) stretches.add(all, text, places, 0, finding);
  };
  const shapes: KnownShapes<Finding> & { lineFeed: number } = {
    strings,
    lineFeed: unusual,
    match(text, from) {
      text.isAscii = true;
      let alternatives = first;
      let at = from;
      for (let count = 0; ; count += 2) {
        const stretch = stretches.find(text, at, alternatives);
        if (stretch === undefined) return undefined;
        at += stretch.length;
        if (stretch.finding !== undefined) {
          shapes.lineFeed = at - 1;
          return text.isAscii || isUtf8(text.bytes.subarray(from, at)) ? stretch.finding : undefined;
        }
        strings[count] = at - stretch.shared;
        at = skipString(text, at) - 1;
        if (at < 0) return undefined;
        strings[count + 1] = at;
        alternatives = stretch.next;
      }
    },
    learn(text, from, to, find) {
      const starts: number[] = [];
      let alternatives = first;
      // Goes the way that `match` goes as far as there is one: what is added beside it would not be found. Before each stretch, at `at`, is
      // the closing quote of a string, or the line's first bracket.
      for (let at = from; starts.length < mostStrings; ) {
        let stretch = stretches.find(text, at, alternatives);
        if (stretch === undefined) {
          const string = findString(text, at, to, countShared);
          if (string === undefined) return addLast(alternatives, text, [at, to + 1], find(starts));
          const shared = alternatives.length < mostBeginnings ? string.shared : 0;
          stretch = stretches.add(alternatives, text, [at, string.begin + shared], shared);
        }
        if (stretch === undefined || stretch.finding !== undefined) return;
        at += stretch.length;
        starts.push(at - stretch.shared);
        at = skipString(text, at) - 1;
        alternatives = stretch.next;
      }
    },
  };
  return shapes;
};
