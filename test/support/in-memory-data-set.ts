import { sha256Hex } from '../../functions/binaries/binary.ts';
import type { DataSet, DataSetFile, DataSetSource, PinnedFile } from '../../functions/episodes/data-set.ts';

/** What a file in memory says of itself; `bytes` is its real size unless told otherwise. */
export type FileFacts = Partial<Pick<DataSetFile, 'bytes' | 'count' | 'sha256'>>;

/** A file of a data set in memory, given out in chunks of the size wanted. */
export const fileInMemory = (
  name: string,
  content: string | Uint8Array,
  facts: FileFacts = {},
  chunkBytes = 65_536,
): PinnedFile => {
  const stored = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    name,
    version: sha256Hex(stored),
    bytes: stored.length,
    ...facts,
    async *read(signal) {
      for (let from = 0; from < stored.length; from += chunkBytes) {
        signal.throwIfAborted();
        yield stored.subarray(from, from + chunkBytes);
      }
    },
  };
};

/** A store with one data set, the same for every tenant. */
export interface DataSetInMemory extends DataSetSource {
  readonly current: DataSet;
}

/** A store in memory whose data set has these files. */
export const dataSetInMemory = (transactionTime: string, files: readonly PinnedFile[]): DataSetInMemory => {
  const named = files.map(({ name, version }) => `${name} ${version}\n`).join('');
  const current = { version: sha256Hex(Buffer.from(transactionTime + named)), transactionTime, files };
  return {
    current,
    async openCurrent(_tenantId, _signal, admit) {
      admit?.(files);
      return current;
    },
  };
};
