import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { toDependencyError } from '../platform/dependency-error.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import type { Job } from './job.ts';
import { fromJobItem, type JobItem, openShards, sweepShards, toTimeText } from './job-item.ts';
import type { OpenJobIndex } from './job-store.ts';

/** The jobs in an index page. An item that cannot be read is told and left out: it must not stop the others. */
const readableJobs = (items: readonly Record<string, unknown>[] | undefined, logger: Logger): Job[] =>
  (items ?? []).flatMap((item) => {
    try {
      return [fromJobItem(item as unknown as JobItem)];
    } catch (error) {
      logger.log('JOB_ITEM_UNREADABLE', { key: String(item['pk']), ...describeError(error) });
      return [];
    }
  });

/**
 * The index of open jobs in the same table. Shards are asked side by side and share `limit` evenly; deleted Binaries that wait for
 * their sweep come after all open jobs.
 *
 * Logs `JOB_ITEM_UNREADABLE` for an item that cannot be read.
 */
export const createDynamoDbOpenJobIndex = (
  client: DynamoDBDocumentClient,
  tableName: string,
  logger: Logger,
): OpenJobIndex => {
  const queryShard = (shard: string, now: number, limit: number) =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'open',
        KeyConditionExpression: 'openShard = :shard AND due <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': toTimeText(now) },
        Limit: limit,
      }),
    );
  return {
    async findDue(now, limit) {
      const each = Math.ceil(limit / openShards.length);
      const shards = [...openShards, ...sweepShards];
      try {
        const pages = await Promise.all(shards.map((shard) => queryShard(shard, now, each)));
        return pages.flatMap((page) => readableJobs(page.Items, logger));
      } catch (error) {
        throw toDependencyError('job-store', error);
      }
    },
  };
};
