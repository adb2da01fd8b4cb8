import type { DataSetFile, DataSetSource } from '../../functions/episodes/data-set.ts';

/** What a file in memory says of itself; `bytes` is its real size unless told otherwise. */
export type FileFacts = Partial<Pick<DataSetFile, 'bytes' | 'count' | 'sha256'>>;

/** A file of a data set in memory, given out in chunks of the size wanted. */
export const fileInMemory = (
  name: string,
  content: string | Uint8Array,
  facts: FileFacts = {},
  chunkBytes = 65_536,
): DataSetFile => {
  const stored = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    name,
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
export const dataSetInMemory = (transactionTime: string, files: readonly DataSetFile[]): DataSetSource => ({
  openCurrent: async () => ({ transactionTime, files }),
});
