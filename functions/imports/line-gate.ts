import { ImportError } from './import-problem.ts';

/** Whole lines of a file, in one block. */
export interface LineBlock {
  /** As they are to be stored: each line with its end. */
  readonly bytes: Uint8Array;
  /** Bytes of the file that they took. */
  readonly taken: Uint8Array;
  /** Lines that are not empty. */
  readonly lines: number;
}

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

const requireEpisode = (line: Uint8Array): void => {
  try {
    const { resourceType } = JSON.parse(Buffer.from(line).toString('utf8')) as { resourceType?: unknown };
    if (resourceType === 'EpisodeOfCare') return;
  } catch {
    // Said below.
  }
  throw new ImportError('FILE_UNUSABLE', 'the first line is not an EpisodeOfCare in JSON.');
};

const requireWhole = (line: Uint8Array): void => {
  const text = Buffer.from(line).toString('utf8').trim();
  // Anything else is not cut off: it never was a line of NDJSON.
  if (!text.startsWith('{')) return;
  try {
    JSON.parse(text);
  } catch {
    throw new ImportError('FILE_INCOMPLETE', 'the last line is cut off.');
  }
};

/**
 * Lets whole lines of an NDJSON file through and counts them. That every line begins with `{` and ends with `}` keeps out what is something else
 * altogether (a page of HTML, a file cut within a line); the first is read as a whole, and so is a last one that has no end, where the file
 * may be cut off. What is in the others is for the report to judge, which has the tenant's tolerance.
 *
 * @param isBeginning false where the file is gone on with from the middle
 */
export const createLineGate = (lineBytes: number, isBeginning: boolean) => {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let isFirst = isBeginning;
  let isStart = isBeginning;

  /** Looks at one line; whether it is one. */
  const check = (block: Uint8Array, from: number, to: number): boolean => {
    let begin = from;
    let end = to;
    while (begin < end && isBlank(block[begin])) begin++;
    while (end > begin && isBlank(block[end - 1])) end--;
    if (begin === end) return false;
    if (end - begin > lineBytes) throw new ImportError('TOO_LARGE', `a line is longer than ${lineBytes} bytes.`);
    if (block[begin] !== 0x7b || block[end - 1] !== 0x7d) {
      throw new ImportError('FILE_UNUSABLE', 'a line is not a JSON object.');
    }
    if (isFirst) requireEpisode(block.subarray(begin, end));
    isFirst = false;
    return true;
  };

  const pass = (taken: Uint8Array): LineBlock => {
    const hasMark = isStart && byteOrderMark.equals(taken.subarray(0, 3));
    const bytes = hasMark ? taken.subarray(3) : taken;
    isStart = false;
    let lines = 0;
    let from = 0;
    for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, from)) {
      if (check(bytes, from, at)) lines += 1;
      from = at + 1;
    }
    if (from < bytes.length && check(bytes, from, bytes.length)) lines += 1;
    return { bytes, taken, lines };
  };

  return {
    /** The whole lines that a chunk completes, if any. */
    push(chunk: Uint8Array): LineBlock | undefined {
      const end = chunk.lastIndexOf(lineFeed) + 1;
      const head = chunk.subarray(0, end);
      const whole = end === 0 ? undefined : pass(pending.length === 0 ? head : Buffer.concat([...pending, head]));
      if (whole !== undefined) {
        pending = [];
        pendingBytes = 0;
      }
      if (end < chunk.length) pending.push(Buffer.from(chunk.subarray(end)));
      pendingBytes += chunk.length - end;
      if (pendingBytes > lineBytes) throw new ImportError('TOO_LARGE', `a line is longer than ${lineBytes} bytes.`);
      return whole;
    },
    /**
     * A last line without an end: it is given one. It is read as a whole, since a line can be cut behind a brace within it.
     *
     * @throws ImportError `FILE_INCOMPLETE` where it is only the beginning of one, and as `push`
     */
    end(): LineBlock | undefined {
      if (pendingBytes === 0) return undefined;
      const last = Buffer.concat(pending);
      requireWhole(last);
      const block = pass(last);
      return { ...block, bytes: Buffer.concat([block.bytes, Buffer.from('\n')]) };
    },
  };
};
