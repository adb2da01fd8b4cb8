import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../auth/tenant.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { JobStore } from './job-store.ts';
import type { Reservation } from './reservation.ts';

/** The DynamoDB item of a reservation. It has none of the attributes of the indexes; `expires` is DynamoDB's TTL. */
type ReservationItem = Omit<Reservation, 'key' | 'created'> & { readonly pk: string; readonly created: string };

const keyOf = (tenantId: TenantId, key: string) => ({ pk: `${tenantId}#idempotency#${key}` });

const toItem = (tenantId: TenantId, { key, ...reservation }: Reservation): ReservationItem => ({
  ...keyOf(tenantId, key),
  ...reservation,
  created: new Date(reservation.created).toISOString(),
  expires: reservation.expires / 1000,
});

const fromItem = (key: string, item: ReservationItem): Reservation => ({
  key,
  digest: item.digest,
  binaryId: item.binaryId,
  jobId: item.jobId,
  created: Date.parse(item.created),
  expires: item.expires * 1000,
});

const readItem = async (client: DynamoDBDocumentClient, table: string, tenantId: TenantId, key: string) => {
  const request = { TableName: table, Key: keyOf(tenantId, key), ConsistentRead: true };
  const { Item } = await client.send(new GetCommand(request));
  return Item === undefined ? undefined : fromItem(key, Item as unknown as ReservationItem);
};

/**
 * {@link JobStore.findReservation} over the jobs table. DynamoDB removes what has expired some time later, so it may still be there.
 *
 * @throws the SDK's errors
 */
export const findInTable = async (
  client: DynamoDBDocumentClient,
  table: string,
  ...[tenantId, key, now]: Parameters<JobStore['findReservation']>
): Promise<Reservation | undefined> => {
  const there = await readItem(client, table, tenantId, key);
  return there !== undefined && there.expires > now ? there : undefined;
};

/** Only where a reservation is removed between write and read is there more than one round. */
const mostRounds = 3;

/** Whether the reservation was written, rather than found to be taken. */
const put = async (client: DynamoDBDocumentClient, table: string, item: ReservationItem, now: number) => {
  try {
    await client.send(
      new PutCommand({
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk) OR expires <= :now',
        ExpressionAttributeValues: { ':now': Math.floor(now / 1000) },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * {@link JobStore.reserve} over the jobs table: key `<tenant>#idempotency#<hash>`. One conditional put; whoever finds the key taken,
 * also by a put of its own whose answer was lost, reads who has it.
 *
 * @throws the SDK's errors, and ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the reservation keeps vanishing
 */
export const reserveInTable = async (
  client: DynamoDBDocumentClient,
  table: string,
  ...[tenantId, wanted]: Parameters<JobStore['reserve']>
): Promise<Reservation> => {
  for (let round = 0; round < mostRounds; round += 1) {
    if (await put(client, table, toItem(tenantId, wanted), wanted.created)) return wanted;
    const there = await readItem(client, table, tenantId, wanted.key);
    if (there !== undefined) return there;
  }
  throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'job-store reservation' });
};
