import { createHash } from 'node:crypto';

/** What a user's idempotency key stands for: the ids of the one job that is ordered with it. */
export interface Reservation {
  /** SHA-256 of user and key, in hex: neither is kept as it is, and no two users share one. */
  readonly key: string;
  /** SHA-256 of what was ordered with it, in hex. */
  readonly digest: string;
  readonly binaryId: string;
  readonly jobId: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch, full seconds; from then on the key is free again. */
  readonly expires: number;
}

/** How long a key stands for its order, in milliseconds: 24 hours. */
export const reservedFor = 24 * 60 * 60_000;

const digestOf = (...texts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex');

/** What makes a reservation. */
export interface KeyedOrder {
  readonly userId: string;
  readonly idempotencyKey: string;
  /** The operation's name. */
  readonly operation: string;
  /** As received. */
  readonly parameters: readonly { readonly name: string; readonly valueString: string }[];
}

/** The reservation that an order asks for. Orders are the same when operation and parameters are, to the letter. */
export const describeReservation = (
  { userId, idempotencyKey, operation, parameters }: KeyedOrder,
  ids: Pick<Reservation, 'binaryId' | 'jobId'>,
  now: number,
): Reservation => ({
  key: digestOf(userId, idempotencyKey),
  digest: digestOf(
    operation,
    parameters.map(({ name, valueString }) => [name, valueString]),
  ),
  ...ids,
  created: now,
  expires: Math.ceil((now + reservedFor) / 1000) * 1000,
});
