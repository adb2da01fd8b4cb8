import { ServiceError } from '../platform/service-error.ts';
import { type ByteText, byteTextOver, createByteText, slack } from './byte-text.ts';
import { unusual } from './skip-json.ts';

/** One line of a file that is not empty. Only valid during the call it is given to. */
export interface Line {
  /** Its bytes without the line break. */
  readonly bytes: Uint8Array;
  /** Its number in the file, from 1 on, empty lines counted. */
  readonly number: number;
  /** `false` for a last line without line break: if it cannot be read, the file was cut off. */
  readonly isEnded: boolean;
}

/** Takes in the usual lines of a file where they lie. All others are given out as a {@link Line}. */
export interface LineScanner {
  /**
   * Looks at the line that begins at `from`, and changes nothing.
   *
   * @returns the position of its line feed where the line is one of the usual ones, else {@link unusual}
   */
  scan(text: ByteText, from: number): number;
  /** Takes in the line that was scanned last, a usual one. @param number as {@link Line.number} */
  take(number: number): void;
}

/** What becomes of the lines of a file, in order. */
export interface LineTaker {
  readonly scanner: LineScanner | undefined;
  visit(line: Line): void;
}

/** Cuts chunks into lines. */
export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** Takes what is left for the last line. @returns how many lines were not empty */
  end(): number;
}

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Space, tab and carriage return only. */
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Counts the lines of a file and has them taken in. */
const createLineCounter = (name: string, lineBytes: number, { visit, scanner }: LineTaker) => {
  let number = 0;
  let lines = 0;
  const visitLine = (bytes: Uint8Array, isEnded: boolean): void => {
    const line = number === 1 && byteOrderMark.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes;
    if (isBlank(line)) return;
    lines += 1;
    visit({ bytes: line, number, isEnded });
  };
  return {
    lines: () => lines,
    /** Refuses a line that is longer than it may be, also one of which more is to come. */
    requireLength(bytes: number): void {
      if (bytes <= lineBytes) return;
      const cause = `${name} line ${number + 1}: longer than ${lineBytes} bytes`;
      throw new ServiceError('DATA_SET_TOO_LARGE', { cause });
    },
    /** Takes in the line that begins at `from`. @returns the position of its line feed */
    takeLine(text: ByteText, from: number, isEnded: boolean): number {
      const scanned = scanner === undefined ? unusual : scanner.scan(text, from);
      const to = scanned === unusual ? text.bytes.indexOf(lineFeed, from) : scanned;
      this.requireLength(to - from);
      number += 1;
      if (scanned === unusual) {
        visitLine(text.bytes.subarray(from, to), isEnded);
        return to;
      }
      lines += 1;
      scanner?.take(number);
      return to;
    },
  };
};

/** Room for the beginning of a line whose end comes with the next chunk; it grows with the lines. */
const usualLineBytes = 16 * 1024;

/**
 * Cuts chunks of any size into lines. Lines that lie in one chunk stay there; copied are those that begin in one and end in another, or so
 * near the end of one that a scan could reach beyond it.
 *
 * @param name the file's, for errors
 * @param lineBytes that a line may have
 * @throws ServiceError `DATA_SET_TOO_LARGE` for a longer line; whatever the taker throws
 */
export const createLineSplitter = (name: string, lineBytes: number, taker: LineTaker): LineSplitter => {
  const counter = createLineCounter(name, lineBytes, taker);
  /** The beginning of a line. */
  let begun = createByteText(usualLineBytes);
  let used = 0;
  const append = (bytes: Uint8Array): void => {
    const needed = used + bytes.length;
    if (needed + slack > begun.bytes.length) {
      const { bytes: fewer } = begun;
      begun = createByteText(2 * needed);
      begun.bytes.set(fewer.subarray(0, used));
    }
    begun.bytes.set(bytes, used);
    used = needed;
  };
  /** Takes what belongs to the line that begins, or began, at `from`, and the line itself where it ends. @returns the position behind */
  const takeCopy = (bytes: Uint8Array, from: number): number => {
    const end = bytes.indexOf(lineFeed, from);
    counter.requireLength(used + (end === -1 ? bytes.length : end) - from);
    const to = end === -1 ? bytes.length : end + 1;
    append(bytes.subarray(from, to));
    if (end !== -1) {
      counter.takeLine(begun, 0, true);
      used = 0;
    }
    return to;
  };
  return {
    push(chunk) {
      const end = chunk.length > slack ? chunk.lastIndexOf(lineFeed, chunk.length - slack - 1) + 1 : 0;
      let from = used > 0 ? takeCopy(chunk, 0) : 0;
      if (from < end) {
        const text = byteTextOver(chunk);
        while (from < end) from = counter.takeLine(text, from, true) + 1;
      }
      while (from < chunk.length) from = takeCopy(chunk, from);
    },
    end() {
      begun.bytes[used] = lineFeed;
      if (used > 0) counter.takeLine(begun, 0, false);
      return counter.lines();
    },
  };
};
