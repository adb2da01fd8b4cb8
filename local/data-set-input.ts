import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DataSetFile } from '../functions/episodes/data-set.ts';

/** A file on this machine cannot be loaded. The message says which and why. */
export class UnusableInput extends Error {
  override readonly name = 'UnusableInput';
}

/** Bytes in memory as a file of a data set. */
export const createBytesInput = (name: string, bytes: Uint8Array): DataSetFile => ({
  name,
  bytes: bytes.byteLength,
  async *read() {
    yield bytes;
  },
});

const explain = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'it may not be read';
  return String(code ?? 'it cannot be read');
};

/**
 * A file on disk as a file of a data set; it is read when it is asked for, in chunks.
 *
 * @throws UnusableInput when it is not there, not a file, or empty
 */
export const openFileInput = async (path: string): Promise<DataSetFile> => {
  const stats = await stat(path).catch((error: unknown) => {
    throw new UnusableInput(`${path}: ${explain(error)}`);
  });
  if (!stats.isFile()) throw new UnusableInput(`${path}: not a file`);
  if (stats.size === 0) throw new UnusableInput(`${path}: the file is empty`);
  return {
    name: basename(path),
    bytes: stats.size,
    read: (signal) => createReadStream(path, { signal, highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>,
  };
};
