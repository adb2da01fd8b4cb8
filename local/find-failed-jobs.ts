import { type DynamoDBDocumentClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../functions/auth/tenant.ts';
import type { Job } from '../functions/jobs/job.ts';
import { fromJobItem, type JobItem, toTimeText } from '../functions/jobs/job-item.ts';

/** Which failed jobs are looked for. */
export interface FailedJobFilter {
  readonly tenantId?: TenantId;
  /** Failed at this time or later, in milliseconds. */
  readonly since?: number;
  /** The code of the failure. */
  readonly code?: string;
  /** No more than these are found. */
  readonly most: number;
}

/** What was found, and what looking for it cost. */
export interface FailedJobs {
  readonly jobs: readonly Job[];
  /** Keys (`<tenant>#<binary id>`) of items that fit and cannot be read as a job. They stop no other. */
  readonly unreadable: readonly string[];
  /** Items that were read for it, found or not. */
  readonly examined: number;
  /** DynamoDB's read units: half a unit for each 4 kB of the table. */
  readonly readUnits: number;
  /** There may be more: it stopped at the most. */
  readonly isPartial: boolean;
}

const toExpression = ({ tenantId, since, code }: FailedJobFilter) => {
  const parts: readonly (readonly [boolean, string, Record<string, unknown>])[] = [
    [true, '#status = :failed AND attribute_not_exists(#deletedAt)', { ':failed': 'FAILED' }],
    [tenantId !== undefined, '#tenant = :tenant', { ':tenant': tenantId }],
    [since !== undefined, '#ended >= :since', { ':since': toTimeText(since ?? 0) }],
    [code !== undefined, '#failure.#code = :code', { ':code': code }],
  ];
  const used = parts.filter(([isUsed]) => isUsed);
  const FilterExpression = used.map(([, text]) => text).join(' AND ');
  const names = ['status', 'deletedAt', 'tenant', 'ended', 'failure', 'code'].filter((name) =>
    FilterExpression.includes(`#${name}`),
  );
  return {
    FilterExpression,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.assign({}, ...used.map(([, , values]) => values)) as Record<string, unknown>,
  };
};

const readJob = (item: Record<string, unknown>): Job | undefined => {
  try {
    return fromJobItem(item as unknown as JobItem);
  } catch {
    return undefined;
  }
};

/**
 * The failed jobs in the table, by a Scan: no index has them, since they are looked for by operators alone. It reads the table from its
 * beginning until it has found as many as it may, and at most all of it. Deleted ones are left out.
 *
 * @throws the SDK's errors
 */
export const findFailedJobs = async (
  client: DynamoDBDocumentClient,
  table: string,
  filter: FailedJobFilter,
): Promise<FailedJobs> => {
  const jobs: Job[] = [];
  const unreadable: string[] = [];
  let [examined, readUnits] = [0, 0];
  let from: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        ...toExpression(filter),
        ReturnConsumedCapacity: 'TOTAL',
        ExclusiveStartKey: from,
      }),
    );
    for (const item of page.Items ?? []) {
      const job = readJob(item);
      if (job === undefined) unreadable.push(String(item['pk']));
      else jobs.push(job);
    }
    examined += page.ScannedCount ?? 0;
    readUnits += page.ConsumedCapacity?.CapacityUnits ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined && jobs.length < filter.most);
  const isPartial = from !== undefined || jobs.length > filter.most;
  return { jobs: jobs.slice(0, filter.most), unreadable, examined, readUnits, isPartial };
};
