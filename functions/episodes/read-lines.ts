import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServiceError } from '../platform/service-error.ts';
import type { DataSetFile } from './data-set.ts';
import { createLineSplitter, type LineScanner, type LineTaker } from './line-splitter.ts';
import { unpack } from './unpack.ts';

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

/** After so many bytes, other work of the process gets its turn: a few milliseconds. */
const bytesPerTurn = 1024 * 1024;

const tooLarge = (cause: string): ServiceError => new ServiceError('DATA_SET_TOO_LARGE', { cause });
const incomplete = (cause: string): ServiceError => new ServiceError('DATA_SET_INCOMPLETE', { cause });

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
 * Reads a file of NDJSON once, from its first to its last byte, and gives each line that is not empty to `visit`, if
 * `scanner` does not take it. Lines end with
 * `\n` or `\r\n`, the last one with or without; a byte order mark at the start is left out. Holds one line and a few chunks
 * in memory, and lets other work of the process have its turn.
 *
 * @throws ServiceError `DATA_SET_INCOMPLETE` when the gzip stream is damaged, or the stored bytes, their SHA-256 or the number
 *   of lines are not what the data set says; `DATA_SET_TOO_LARGE` past a limit; whatever `visit`, the scanner and the file's store throw;
 *   the signal's reason when it is aborted.
 */
export const readLines = async (
  file: DataSetFile,
  { signal, lineBytes, plainBytes }: ReadOptions,
  visit: LineTaker['visit'],
  scanner?: LineScanner,
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
  const splitter = createLineSplitter(file.name, lineBytes, { visit, scanner });
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
