import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbJobSample } from '../../functions/jobs/dynamodb-job-sample.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { collect } from '../support/collect.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { sampleBinaryId, sampleJob } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const sample = createDynamoDbJobSample(documents, 'jobs', createCountedIds());
beforeEach(() => client.reset());

const item = (last: string) => ({ ...toJobItem(sampleJob({ binaryId: sampleBinaryId(last) })) });
const keysOf = async (limit: number) => (await collect(sample.records(limit))).map(({ key }) => key);
const asked = () => client.commandCalls(ScanCommand).map(({ args }) => args[0].input.ExclusiveStartKey);
const key = (last: string) => `demo#${sampleBinaryId(last)}`;

test('begins at a place of chance, and goes on at the beginning until it meets what it had', async () => {
  client
    .on(ScanCommand)
    .resolvesOnce({ Items: [item('3'), item('4')] })
    .resolvesOnce({ Items: [item('1'), item('2')], LastEvaluatedKey: { pk: 'x' } })
    .resolves({ Items: [item('3'), item('4')] });
  expect(await keysOf(100)).toEqual(['3', '4', '1', '2'].map(key));
  expect(asked()).toEqual([{ pk: expect.any(String) }, undefined, { pk: 'x' }]);
});

test('gives no more than it is asked for, and asks for no more', async () => {
  client.on(ScanCommand).resolves({ Items: ['1', '2', '3'].map(item), LastEvaluatedKey: { pk: 'x' } });
  expect(await keysOf(2)).toEqual(['1', '2'].map(key));
  expect(asked()).toHaveLength(1);
});

test('passes over what is no job, and gives what it cannot read without a job', async () => {
  const others = [{ pk: 'demo#idempotency#1' }, { pk: 'demo#orders#execute' }, { pk: 'demo#pace#Report' }];
  const damaged = { ...item('2'), versions: undefined };
  client
    .on(ScanCommand)
    .resolvesOnce({ Items: [...others, item('1'), damaged] })
    .resolves({});
  expect(await collect(sample.records(9))).toEqual([
    { key: key('1'), job: sampleJob() },
    { key: key('2'), job: undefined },
  ]);
});

test('an empty table is asked twice, and one without any job two hundred times at most', async () => {
  client.on(ScanCommand).resolves({});
  expect(await keysOf(9)).toEqual([]);
  expect(asked()).toHaveLength(2);
  client.reset();
  client.on(ScanCommand).resolves({ Items: [{ pk: 'demo#pace#Report' }], LastEvaluatedKey: { pk: 'x' } });
  expect(await keysOf(9)).toEqual([]);
  expect(asked()).toHaveLength(200);
});

test('a table that refuses is for an operator', async () => {
  const name = 'AccessDeniedException';
  client
    .on(ScanCommand)
    .rejects(new DynamoDBServiceException({ $metadata: {}, $fault: 'client', name, message: 'planted-secret' }));
  await expect(keysOf(9)).rejects.toMatchObject({
    code: 'DEPENDENCY_REFUSED',
    details: { reason: `job-store ${name}` },
  });
});
