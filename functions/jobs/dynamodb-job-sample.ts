import { type DynamoDBDocumentClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/lib-dynamodb';
import { isBinaryId } from '../binaries/binary.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { Ids } from '../platform/ids.ts';
import { fromJobItem, type JobItem } from './job-item.ts';
import type { JobSample, SampledRecord } from './job-sample.ts';

/** Items that one request looks at. */
const pageSize = 100;

/** So many requests at most; the table holds small items of other kinds too, which are passed over. */
const mostPages = 200;

/** Jobs have a key of two parts; idempotency keys, tallies and paces have three. */
const isJobKey = (key: string): boolean => {
  const [, binaryId = '', ...more] = key.split('#');
  return more.length === 0 && isBinaryId(binaryId);
};

const readRecord = (item: Readonly<Record<string, unknown>>): SampledRecord => {
  const key = String(item['pk']);
  try {
    return { key, job: fromJobItem(item as unknown as JobItem) };
  } catch {
    return { key, job: undefined };
  }
};

/**
 * The sample of a DynamoDB table. Items lie in the order of the hashes of their keys, so a scan that begins behind a key of chance, there or
 * not, begins at a place of chance; behind the end it goes on at the beginning.
 */
export const createDynamoDbJobSample = (client: DynamoDBDocumentClient, tableName: string, ids: Ids): JobSample => ({
  async *records(limit) {
    const seen = new Set<string>();
    let from: Record<string, unknown> | undefined = { pk: ids.uuid() };
    let isSecondRound = false;
    for (let page = 0; page < mostPages && seen.size < limit; page += 1) {
      const request = new ScanCommand({ TableName: tableName, Limit: pageSize, ExclusiveStartKey: from });
      const answer: ScanCommandOutput = await client.send(request).catch((error: unknown) => {
        throw toDependencyError('job-store', error);
      });
      for (const item of (answer.Items ?? []).filter(({ pk }) => isJobKey(String(pk)))) {
        const record = readRecord(item);
        if (seen.has(record.key)) return;
        if (seen.size >= limit) return;
        seen.add(record.key);
        yield record;
      }
      from = answer.LastEvaluatedKey;
      if (from === undefined && isSecondRound) return;
      isSecondRound ||= from === undefined;
    }
  },
});
