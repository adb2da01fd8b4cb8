import type { Ids } from '../../functions/platform/ids.ts';
import { sampleBinaryId } from './sample-job.ts';

/** Ids that count up: `id-1`, `id-2`, …, and Binary ids of the right form that end in the same count. */
export const createCountedIds = (): Ids => {
  let count = 0;
  return {
    uuid: () => {
      count += 1;
      return `id-${count}`;
    },
    sortableUuid: () => {
      count += 1;
      return sampleBinaryId(count.toString(16));
    },
  };
};
