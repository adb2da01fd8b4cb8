import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';

/** Where all ids come from. */
export interface Ids {
  /** A random UUID (version 4): job ids, lease tokens, request ids. */
  uuid(): string;
  /** A UUID of version 7 (RFC 9562 section 5.7): unguessable and sorted by `millis`. For Binary ids. */
  sortableUuid(millis: number): string;
}

/** Ids from the system's secure random source. */
export const randomIds: Ids = {
  uuid: () => randomUUID(),
  sortableUuid: (millis) => v7({ msecs: millis }),
};

/**
 * The least UUID of version 7 of a time: what {@link Ids.sortableUuid} makes from then on does not sort before it, what it made earlier
 * does. Nobody is given it as an id.
 *
 * @param millis milliseconds since the epoch; times before it count as 0
 */
export const leastSortableUuid = (millis: number): string => {
  const time = Math.max(Math.floor(millis), 0).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
};
