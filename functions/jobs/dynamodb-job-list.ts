import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { Logger } from '../platform/logger.ts';
import type { JobOverview } from './job.ts';
import { fromOverviewItem, jobKey, ownerKey, toTimeText } from './job-item.ts';
import { type JobList, toJobPage } from './job-list.ts';
import { readableItems } from './readable-items.ts';

/**
 * Users' lists in the jobs table, by its index `byOwner`.
 *
 * Logs `JOB_ITEM_UNREADABLE` for an item that cannot be read.
 */
export const createDynamoDbJobList = (client: DynamoDBDocumentClient, tableName: string, logger: Logger): JobList => ({
  async listByUser(tenantId, userId, { limit, after }) {
    const owner = ownerKey(tenantId, userId);
    const jobs: JobOverview[] = [];
    // One more than asked for tells whether there is a next page. A page ends early at DynamoDB's 1 MB, and by items that cannot be read.
    let from: QueryCommandOutput['LastEvaluatedKey'] = after && {
      ...jobKey(tenantId, after.binaryId),
      owner,
      created: toTimeText(after.created),
    };
    do {
      const request = new QueryCommand({
        TableName: tableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner },
        ScanIndexForward: false,
        Limit: limit + 1 - jobs.length,
        ExclusiveStartKey: from,
      });
      const page: QueryCommandOutput = await client.send(request).catch((error: unknown) => {
        throw toDependencyError('job-store', error);
      });
      jobs.push(...readableItems(page.Items, (item) => fromOverviewItem(tenantId, item), logger));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && jobs.length <= limit);
    return toJobPage(jobs, limit);
  },
});
