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
