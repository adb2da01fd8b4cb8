import type { Ids } from '../../functions/platform/ids.ts';

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** Ids of the right form that count up, the same in every run of a tape. Their last digits are spread over the index's shards. */
export const createSimulatedIds = (): Ids => {
  let count = 0;
  const tail = (): string => {
    count += 1;
    return hex(count, 11) + hex((count * 7) % 16, 1);
  };
  return {
    uuid: () => `00000000-0000-4000-8000-${tail()}`,
    sortableUuid: (millis) => {
      const time = hex(millis, 12);
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail()}`;
    },
  };
};
