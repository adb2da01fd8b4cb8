import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { Logger } from '../platform/logger.ts';
import { concernsDispatcher, type Job } from './job.ts';
import { fromJobItem, openShards, sweepShards, toTimeText } from './job-item.ts';
import type { OpenJobIndex } from './job-store.ts';
import { readableItems } from './readable-items.ts';

/**
 * So many pages of a shard are read at most: items that cannot be used stay due for good, at its head, and must not stand before those
 * that can. With the dispatcher's 800 jobs a tick a page has 100 items.
 */
const mostPages = 10;

/**
 * The index of open jobs in the jobs table. Shards are asked side by side and share `limit` evenly; deleted Binaries that wait for
 * their sweep come after all open jobs.
 *
 * Logs `JOB_ITEM_UNREADABLE` for an item that cannot be read.
 */
export const createDynamoDbOpenJobIndex = (
  client: DynamoDBDocumentClient,
  tableName: string,
  logger: Logger,
): OpenJobIndex => {
  const queryPage = (shard: string, now: number, limit: number, from: QueryCommandOutput['LastEvaluatedKey']) =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'open',
        KeyConditionExpression: 'openShard = :shard AND due <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': toTimeText(now) },
        Limit: limit,
        ExclusiveStartKey: from,
      }),
    );

  /** The first `limit` jobs of a shard with which something is to be done, and what else lies before them. */
  const readShard = async (shard: string, now: number, limit: number): Promise<readonly Job[]> => {
    const jobs: Job[] = [];
    let wanted = limit;
    let from: QueryCommandOutput['LastEvaluatedKey'];
    for (let page = 1; page <= mostPages; page += 1) {
      const { Items, LastEvaluatedKey }: QueryCommandOutput = await queryPage(shard, now, limit, from);
      for (const job of readableItems(Items, fromJobItem, logger)) {
        if (wanted === 0) return jobs;
        jobs.push(job);
        if (concernsDispatcher(job)) wanted -= 1;
      }
      from = LastEvaluatedKey;
      if (from === undefined || wanted === 0) break;
    }
    return jobs;
  };

  return {
    async findDue(now, limit) {
      const each = Math.ceil(limit / openShards.length);
      const shards = [...openShards, ...sweepShards];
      try {
        return (await Promise.all(shards.map((shard) => readShard(shard, now, each)))).flat();
      } catch (error) {
        throw toDependencyError('job-store', error);
      }
    },
  };
};
