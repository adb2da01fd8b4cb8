import { randomUUID } from 'node:crypto';

/** Where all ids come from. */
export interface Ids {
  /** A random UUID (version 4): job ids, lease tokens, request ids. */
  uuid(): string;
  /** A UUID of version 7 (RFC 9562 section 5.7): unguessable and sorted by `millis`. For Binary ids. */
  sortableUuid(millis: number): string;
}

/** The first two groups of a UUID of version 7: milliseconds since the epoch; times before it count as 0. */
const timeGroups = (millis: number): string => {
  const time = Math.max(Math.floor(millis), 0).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
};

/** Ids from the system's secure random source. */
export const randomIds: Ids = {
  uuid: () => randomUUID(),
  // The random bits and the variant of versions 4 and 7 are in the same places, after the time and the version.
  sortableUuid: (millis) => `${timeGroups(millis)}-7${randomUUID().slice(15)}`,
};

/**
 * The least UUID of version 7 of a time: what {@link Ids.sortableUuid} makes from then on does not sort before it, what it made earlier
 * does. Nobody is given it as an id.
 *
 * @param millis milliseconds since the epoch; times before it count as 0
 */
export const leastSortableUuid = (millis: number): string => `${timeGroups(millis)}-7000-8000-000000000000`;

/** A UUID of version 7 in lower case. */
const sortableUuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether a text has the form of what {@link Ids.sortableUuid} makes. */
export const isSortableUuid = (text: string): boolean => sortableUuidPattern.test(text);

/** When a UUID of version 7 was made, in milliseconds since the epoch; undefined for anything else (RFC 9562 section 5.7). */
export const timeOfSortableUuid = (id: string): number | undefined =>
  isSortableUuid(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
