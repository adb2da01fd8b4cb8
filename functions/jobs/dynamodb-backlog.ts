import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { Backlog, OpenJob } from './backlog.ts';
import { openShards, toTimeText } from './job-item.ts';

/** Longer than any pause of a job that workers may take (`pauses.ts`) and any lease, in milliseconds. */
const horizon = 31 * 60_000;

/** So many pages of 1 MB at most are read of a shard: some 20 000 jobs in all. */
const mostPages = 4;

/** An item that cannot be read is told by the dispatcher when it is due. */
const toOpenJobs = (item: Readonly<Record<string, unknown>>): OpenJob[] => {
  const timeOf = (name: string) => Date.parse(String(item[name]));
  const created = timeOf('created');
  const deadline = timeOf('deadline');
  if (Number.isNaN(created) || Number.isNaN(deadline)) return [];
  return [
    {
      mode: item['mode'] === 'schedule' ? 'schedule' : 'execute',
      created,
      deadline,
      ...(item['reopened'] === undefined ? {} : { reopened: timeOf('reopened') }),
      ...(item['releaseAt'] === undefined ? {} : { releaseAt: timeOf('releaseAt') }),
    },
  ];
};

/** The backlog in the index `open` of the jobs table: one query a shard, side by side, and one more for each further megabyte. */
export const createDynamoDbBacklog = (client: DynamoDBDocumentClient, tableName: string): Backlog => {
  const listShard = async (shard: string, now: number): Promise<OpenJob[]> => {
    const jobs: OpenJob[] = [];
    let from: QueryCommandOutput['LastEvaluatedKey'];
    for (let page = 0; page < mostPages; page += 1) {
      const answer: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'open',
          KeyConditionExpression: 'openShard = :shard AND due <= :until',
          ProjectionExpression: 'created, reopened, releaseAt, deadline, #mode',
          ExpressionAttributeNames: { '#mode': 'mode' },
          ExpressionAttributeValues: { ':shard': shard, ':until': toTimeText(now + horizon) },
          ExclusiveStartKey: from,
        }),
      );
      jobs.push(...(answer.Items ?? []).flatMap(toOpenJobs));
      from = answer.LastEvaluatedKey;
      if (from === undefined) break;
    }
    return jobs;
  };
  return {
    async listOpen(now) {
      try {
        return (await Promise.all(openShards.map((shard) => listShard(shard, now)))).flat();
      } catch (error) {
        throw toDependencyError('job-store', error);
      }
    },
  };
};
