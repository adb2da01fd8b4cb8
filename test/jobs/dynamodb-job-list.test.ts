import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbJobList } from '../../functions/jobs/dynamodb-job-list.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
let logger: RecordedLog;
beforeEach(() => {
  client.reset();
  logger = createRecordedLog();
});

const job = sampleJob();
const list = (page: {
  readonly limit: number;
  readonly after?: { readonly created: number; readonly binaryId: string };
}) => createDynamoDbJobList(documents, 'jobs', logger).listByUser(demoTenant, demoUser, page);

test('a list over several pages is read to its end', async () => {
  client
    .on(QueryCommand)
    .resolvesOnce({ Items: [toJobItem(job)], LastEvaluatedKey: { pk: 'x' } })
    .resolvesOnce({ Items: [toJobItem(sampleJob({ status: 'RUNNING' }))] });
  const { jobs, next } = await list({ limit: 9 });
  expect(jobs.map(({ status }) => status)).toEqual(['QUEUED', 'RUNNING']);
  expect(next).toBeUndefined();
  expect(client.commandCalls(QueryCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual({ pk: 'x' });
});

test('a page is one request for one job more than it shows, from the place that it was given in the own list', async () => {
  const items = ['3', '2', '1'].map((last) => toJobItem(sampleJob({ binaryId: sampleBinaryId(last) })));
  client.on(QueryCommand).resolves({ Items: items, LastEvaluatedKey: { pk: 'x' } });
  const after = { created: sampleTime + 1, binaryId: sampleBinaryId('4') };
  const { jobs, next } = await list({ limit: 2, after });
  expect(jobs.map(({ binaryId }) => binaryId)).toEqual([sampleBinaryId('3'), sampleBinaryId('2')]);
  expect(next).toEqual({ created: sampleTime, binaryId: sampleBinaryId('2') });
  const calls = client.commandCalls(QueryCommand);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.args[0].input).toMatchObject({
    Limit: 3,
    ExclusiveStartKey: {
      pk: `demo#${sampleBinaryId('4')}`,
      owner: `demo#${demoUser}`,
      created: new Date(sampleTime + 1).toISOString(),
    },
  });
});

test('an item that cannot be read is told by its key and left out: the user sees all others, as many as were asked for', async () => {
  const damaged = { ...toJobItem(sampleJob({ binaryId: sampleBinaryId('2') })), created: '?' };
  client
    .on(QueryCommand)
    .resolvesOnce({ Items: [damaged, toJobItem(job)], LastEvaluatedKey: { pk: 'x' } })
    .resolvesOnce({ Items: [toJobItem(sampleJob({ binaryId: sampleBinaryId('3') }))] });
  const { jobs, next } = await list({ limit: 1 });
  expect(jobs.map(({ binaryId }) => binaryId)).toEqual([job.binaryId]);
  expect(next).toEqual({ created: job.created, binaryId: job.binaryId });
  expect(logger.of('JOB_ITEM_UNREADABLE')).toMatchObject([{ key: `demo#${sampleBinaryId('2')}` }]);
});
