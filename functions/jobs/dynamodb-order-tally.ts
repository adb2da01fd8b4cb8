import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../auth/tenant.ts';
import type { JobMode } from './job.ts';
import { openTenantKey, toTimeText } from './job-item.ts';
import type { Admission } from './job-store.ts';
import { countRecent, longestOpen, type OrderTally, recentFrom, recount, windowOf } from './order-tally.ts';

/** A tally that nobody added to for this long is forgotten, in milliseconds: none of its orders is open any more. */
const keptFor = 2 * longestOpen;

/** Beside the jobs, in no index: a Binary's id never has this form. */
const tallyKey = (tenantId: TenantId, mode: JobMode) => ({ pk: `${tenantId}#orders#${mode}` });

/** A window is an attribute of its own, since DynamoDB adds to nothing deeper. */
const windowName = (window: number): string => `w${window}`;

const expiry = (now: number): number => Math.ceil((now + keptFor) / 1000);

/** Whether the write was applied, rather than refused by its condition. */
const isApplied = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** On the condition that it has not been added yet: the SDK repeats a write whose answer was lost. */
const addOrder = (client: DynamoDBDocumentClient, table: string, tenantId: TenantId, admission: Admission) =>
  isApplied(
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: tallyKey(tenantId, admission.mode),
        UpdateExpression: 'SET expires = :expires, writer = :writer ADD taken :one, #window :one',
        ConditionExpression: 'attribute_not_exists(taken) OR (taken < :limit AND writer <> :writer)',
        ExpressionAttributeNames: { '#window': windowName(windowOf(admission.now)) },
        ExpressionAttributeValues: {
          ':writer': admission.writer,
          ':one': 1,
          ':limit': admission.limit,
          ':expires': expiry(admission.now),
        },
      }),
    ),
  );

const readTally = async (
  client: DynamoDBDocumentClient,
  table: string,
  tenantId: TenantId,
  mode: JobMode,
): Promise<OrderTally> => {
  const request = { TableName: table, Key: tallyKey(tenantId, mode), ConsistentRead: true };
  const { Item = {} } = await client.send(new GetCommand(request));
  const windows = Object.entries(Item).flatMap(([name, count]) =>
    /^w\d+$/.test(name) ? [[Number(name.slice(1)), Number(count)] as const] : [],
  );
  return { taken: Number(Item['taken'] ?? 0), writer: String(Item['writer'] ?? ''), windows: new Map(windows) };
};

/** Open jobs that were ordered before `recentFrom`, up to the limit: what it costs is bounded by that. */
const countOpen = async (
  client: DynamoDBDocumentClient,
  table: string,
  tenantId: TenantId,
  { mode, now, limit }: Admission,
): Promise<number> => {
  let open = 0;
  let from: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'openByTenant',
        Select: 'COUNT',
        KeyConditionExpression: 'openTenant = :openTenant AND created BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':openTenant': openTenantKey(tenantId, mode),
          ':first': toTimeText(now - longestOpen),
          ':last': toTimeText(recentFrom(now) - 1),
        },
        Limit: limit - open,
        ExclusiveStartKey: from,
      }),
    );
    open += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined && open < limit);
  return open;
};

/** Writes a recounted tally over the one that was seen, if that is still the same one. */
const replaceTally = (
  client: DynamoDBDocumentClient,
  table: string,
  tenantId: TenantId,
  { mode, now }: Admission,
  seen: OrderTally,
  { taken, writer, windows }: OrderTally,
) =>
  isApplied(
    client.send(
      new PutCommand({
        TableName: table,
        Item: {
          ...tallyKey(tenantId, mode),
          taken,
          writer,
          expires: expiry(now),
          ...Object.fromEntries([...windows].map(([window, count]) => [windowName(window), count])),
        },
        ConditionExpression: 'writer = :seen',
        ExpressionAttributeValues: { ':seen': seen.writer },
      }),
    ),
  );

/** Only orders that meet in a recount take more than one round. Who loses that often is one of very many. */
const mostRounds = 5;

/**
 * {@link JobStore.admit} over the jobs table: key `<tenant>#orders#<mode>`. One conditional write while the tally is below the
 * limit, without a look at the jobs; only where it has reached the limit are the open jobs counted, and the tally corrected.
 *
 * @throws the SDK's errors
 */
export const admitInTable = async (
  client: DynamoDBDocumentClient,
  table: string,
  tenantId: TenantId,
  admission: Admission,
): Promise<boolean> => {
  for (let round = 0; round < mostRounds; round += 1) {
    if (await addOrder(client, table, tenantId, admission)) return true;
    const tally = await readTally(client, table, tenantId, admission.mode);
    if (tally.writer === admission.writer) return true;
    const open = await countOpen(client, table, tenantId, admission);
    if (open + countRecent(tally, admission.now) >= admission.limit) return false;
    const corrected = recount(tally, open, admission);
    if (await replaceTally(client, table, tenantId, admission, tally, corrected)) return true;
  }
  return false;
};
