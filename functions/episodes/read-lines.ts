import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServiceError } from '../platform/service-error.ts';
import type { DataSetFile } from './data-set.ts';
import { unpack } from './unpack.ts';

/** One line of a file that is not empty. Only valid during the call it is given to. */
export interface Line {
  /** Its bytes without the line break. */
  readonly bytes: Uint8Array;
  /** Its number in the file, from 1 on, empty lines counted. */
  readonly number: number;
  /** `false` for a last line without line break: if it cannot be read, the file was cut off. */
  readonly isEnded: boolean;
}

/** What was found out about a file while it was read from its first to its last byte. */
export interface ReadFile {
  readonly name: string;
  /** Stored bytes, and their SHA-256 in lower-case hex. */
  readonly bytes: number;
  readonly sha256: string;
  /** Bytes after unpacking. */
  readonly plainBytes: number;
  /** Lines that are not empty. */
  readonly lines: number;
}

/** How a file is read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Bytes that one line may have. */
  readonly lineBytes: number;
  /** Bytes that the file may have after unpacking. */
  readonly plainBytes: number;
}

const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
/** After so many bytes other work of the process gets its turn: a few milliseconds of parsing. */
const bytesPerTurn = 512 * 1024;

const tooLarge = (cause: string): ServiceError => new ServiceError('DATA_SET_TOO_LARGE', { cause });
const incomplete = (cause: string): ServiceError => new ServiceError('DATA_SET_INCOMPLETE', { cause });

/** Space, tab and carriage return only. */
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Cuts chunks into lines; a line that spans chunks is put together, all others are views. */
const createLineSplitter = (name: string, lineBytes: number, visit: (line: Line) => void) => {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let number = 0;
  let lines = 0;
  const keep = (part: Uint8Array): void => {
    pendingBytes += part.length;
    if (pendingBytes > lineBytes) throw tooLarge(`${name} line ${number + 1}: longer than ${lineBytes} bytes`);
    if (part.length > 0) pending.push(part);
  };
  const finish = (isEnded: boolean): void => {
    const [only] = pending;
    let bytes = pending.length === 1 && only !== undefined ? only : Buffer.concat(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
    number += 1;
    if (number === 1 && byteOrderMark.equals(bytes.subarray(0, 3))) bytes = bytes.subarray(3);
    if (isBlank(bytes)) return;
    lines += 1;
    visit({ bytes, number, isEnded });
  };
  return {
    push(chunk: Uint8Array): void {
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
        keep(chunk.subarray(from, at));
        finish(true);
        from = at + 1;
      }
      keep(chunk.subarray(from));
    },
    end(): number {
      if (pendingBytes > 0) finish(false);
      return lines;
    },
  };
};

const checkAgainstManifest = (file: DataSetFile, read: ReadFile): void => {
  const { name } = file;
  if (read.bytes !== file.bytes) throw incomplete(`${name}: ${read.bytes} bytes could be read of ${file.bytes}`);
  if (file.sha256 !== undefined && read.sha256 !== file.sha256) {
    throw incomplete(`${name}: the bytes do not have the SHA-256 that the manifest gives`);
  }
  if (file.count !== undefined && read.lines !== file.count) {
    throw incomplete(`${name}: ${read.lines} lines, while the manifest gives a count of ${file.count}`);
  }
};

/**
 * Reads a file of NDJSON once, from its first to its last byte, and gives each line that is not empty to `visit`. Lines end with
 * `\n` or `\r\n`, the last one with or without; a byte order mark at the start is left out. Holds one line and a few chunks in memory,
 * and lets other work of the process have its turn.
 *
 * @throws ServiceError `DATA_SET_INCOMPLETE` when the gzip stream is damaged, or the stored bytes, their SHA-256 or the number
 *   of lines are not what the data set says; `DATA_SET_TOO_LARGE` past a limit; whatever `visit` and the file's store throw;
 *   the signal's reason when it is aborted.
 */
export const readLines = async (
  file: DataSetFile,
  { signal, lineBytes, plainBytes }: ReadOptions,
  visit: (line: Line) => void,
): Promise<ReadFile> => {
  const hash = createHash('sha256');
  let bytes = 0;
  const hashed = async function* () {
    for await (const chunk of file.read(signal)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const splitter = createLineSplitter(file.name, lineBytes, visit);
  let plain = 0;
  let nextTurnAt = bytesPerTurn;
  for await (const chunk of unpack(file.name, hashed())) {
    signal.throwIfAborted();
    plain += chunk.length;
    if (plain > plainBytes) throw tooLarge(`${file.name}: the data set unpacks to more than its limit`);
    splitter.push(chunk);
    if (plain >= nextTurnAt) {
      nextTurnAt = plain + bytesPerTurn;
      await nextTurn();
    }
  }
  const lines = splitter.end();
  const read = { name: file.name, bytes, sha256: hash.digest('hex'), plainBytes: plain, lines };
  checkAgainstManifest(file, read);
  return read;
};
