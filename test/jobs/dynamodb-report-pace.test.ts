import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbReportPaceStore } from '../../functions/jobs/dynamodb-report-pace.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const store = createDynamoDbReportPaceStore(documents, 'jobs');
beforeEach(() => client.reset());

test('a pace is beside the jobs in no index, and is forgotten 90 days after its last report', async () => {
  client.on(UpdateCommand).resolves({});
  await store.write(demoTenant, 'A', { generating: 4000, waiting: 500, measured: sampleTime });
  const input = client.commandCalls(UpdateCommand)[0]?.args[0].input;
  expect(input).toMatchObject({
    Key: { pk: 'demo#pace#A' },
    ExpressionAttributeValues: { ':expires': Math.ceil(sampleTime / 1000) + 90 * 86_400 },
  });
  expect(input?.UpdateExpression).not.toMatch(/owner|openShard|due/);
});

test('a pace is read as it was written; where there is no item there is none', async () => {
  const pace = { generating: 4000, waiting: 500, measured: sampleTime };
  client.on(GetCommand).resolves({ Item: { ...pace, measured: new Date(sampleTime).toISOString() } });
  expect(await store.read(demoTenant, 'A')).toEqual(pace);
  expect(client.commandCalls(GetCommand)[0]?.args[0].input).toEqual({ TableName: 'jobs', Key: { pk: 'demo#pace#A' } });
  client.on(GetCommand).resolves({});
  expect(await store.read(demoTenant, 'A')).toBeUndefined();
});

test('an item that is damaged is no pace', async () => {
  client
    .on(GetCommand)
    .resolves({ Item: { pk: 'x', generating: 'many', waiting: 1, measured: '2026-04-16T00:00:00Z' } });
  expect(await store.read(demoTenant, 'A')).toBeUndefined();
});

test('nobody waits long for an estimate, and a failure tells nothing foreign', async () => {
  client.onAnyCommand().rejects(
    new DynamoDBServiceException({
      name: 'ThrottlingException',
      $fault: 'server',
      $metadata: {},
      message: 'planted',
    }),
  );
  const unavailable = {
    code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    details: { reason: 'report-pace ThrottlingException' },
  };
  await expect(store.read(demoTenant, 'A')).rejects.toMatchObject(unavailable);
  await expect(store.write(demoTenant, 'A', { generating: 1, waiting: 1, measured: 1 })).rejects.toMatchObject(
    unavailable,
  );
  expect(client.calls().map(({ args }) => (args as readonly unknown[])[1])).toMatchObject([
    { requestTimeout: 500 },
    { requestTimeout: 500 },
  ]);
});
