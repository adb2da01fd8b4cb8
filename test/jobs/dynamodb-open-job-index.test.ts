import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { sampleJob, sampleTime } from '../support/sample-job.ts';

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
