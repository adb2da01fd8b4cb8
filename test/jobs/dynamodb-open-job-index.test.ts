import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import { type JobItem, toJobItem } from '../../functions/jobs/job-item.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
beforeEach(() => client.reset());

const job = sampleJob();

test('every shard of the open jobs is asked for its even share, and for no more', async () => {
  client.on(QueryCommand).resolves({ Items: [] });
  await createDynamoDbOpenJobIndex(documents, 'jobs', createRecordedLog()).findDue(sampleTime, 100);
  const limits = client.commandCalls(QueryCommand).map(({ args }) => args[0].input.Limit);
  expect(limits).toEqual(Array.from({ length: 16 }, () => 13));
});

test('an item that cannot be read is told by its key and passed over: it stops no other job (I1)', async () => {
  const logger = createRecordedLog();
  const damaged = { ...toJobItem(job), pk: 'demo#damaged', versions: undefined };
  client.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values }) => ({
    Items: values[':shard'] === '1' ? [damaged, toJobItem(job)] : [],
  }));
  expect(await createDynamoDbOpenJobIndex(documents, 'jobs', logger).findDue(sampleTime, 16)).toEqual([job]);
  expect(logger.of('JOB_ITEM_UNREADABLE')).toMatchObject([{ key: 'demo#damaged' }]);
});

/** A shard as DynamoDB reads it: in the order of `due`, `Limit` items at most, and where it goes on when there are more. */
const shardHolds = (items: readonly JobItem[]) =>
  client.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values, Limit, ExclusiveStartKey }) => {
    if (values[':shard'] !== '1') return { Items: [] };
    const from = items.findIndex(({ pk }) => pk === ExclusiveStartKey?.pk) + 1;
    const Items = items.slice(from, from + Limit);
    return { Items, ...(from + Limit <= items.length ? { LastEvaluatedKey: { pk: Items.at(-1)?.pk } } : {}) };
  });

const idOf = (n: number) => sampleBinaryId((16 * n + 1).toString(16));
const damaged = (n: number): JobItem => ({ ...toJobItem(sampleJob({ binaryId: idOf(n) })), created: '?' });
const paused = (n: number): JobItem => ({
  ...toJobItem(sampleJob({ binaryId: idOf(n) })),
  status: 'PAUSED' as JobItem['status'],
});
const open = (n: number): JobItem => toJobItem(sampleJob({ binaryId: idOf(n) }));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const findDue = (limit: number, logger = createRecordedLog()) =>
  createDynamoDbOpenJobIndex(documents, 'jobs', logger).findDue(sampleTime, limit);

test.each([
  ['cannot be read', damaged, 0],
  ['have a status of a later version', paused, 800],
])('a job stands behind eight pages of items that %s, and is found (I1)', async (_what, unusable, skipped) => {
  shardHolds([...range(0, 800).map(unusable), open(800)]);
  const due = await findDue(800);
  expect(due.at(-1)?.binaryId).toBe(idOf(800));
  expect(due).toHaveLength(skipped + 1);
});

test('a shard gives no more jobs than its share, whatever else lies between them', async () => {
  shardHolds(range(0, 30).map((n) => (n % 2 === 0 ? damaged : open)(n)));
  expect((await findDue(80)).map(({ binaryId }) => binaryId)).toEqual(range(0, 10).map((n) => idOf(2 * n + 1)));
});

test('of a shard that nobody can read ten pages are read, and no more', async () => {
  shardHolds(range(0, 200).map(damaged));
  const logger = createRecordedLog();
  expect(await findDue(80, logger)).toEqual([]);
  expect(logger.of('JOB_ITEM_UNREADABLE')).toHaveLength(100);
  expect(client.commandCalls(QueryCommand)).toHaveLength(15 + 10);
});

test('a shard that is full of jobs is asked once', async () => {
  shardHolds(range(0, 30).map(open));
  expect(await findDue(80)).toHaveLength(10);
  expect(client.commandCalls(QueryCommand)).toHaveLength(16);
});
