import { isBinaryId } from '../binaries/binary.ts';
import type { JobPosition } from '../jobs/job-list.ts';

/**
 * A place in a list of jobs, as an opaque text for a link. It says nothing of whose list: read back, it is a place in the list of
 * whoever sends it, so one from another user leads nowhere else.
 */
export const writeCursor = ({ created, binaryId }: JobPosition): string =>
  Buffer.from(`${created}.${binaryId}`).toString('base64url');

/** What `Date` can hold (ECMAScript, "Time Values"), in milliseconds. */
const largestTime = 8.64e15;

/** The place in a cursor, or undefined for a text that {@link writeCursor} does not write. */
export const readCursor = (text: string): JobPosition | undefined => {
  if (text.length > 128) return undefined;
  const [, digits, binaryId = ''] = /^(\d{1,16})\.(.+)$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  const created = Number(digits);
  return created <= largestTime && isBinaryId(binaryId) ? { created, binaryId } : undefined;
};
