import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { describeReservation } from '../../functions/jobs/reservation.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const store = createDynamoDbJobStore(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' })), 'jobs');
beforeEach(() => client.reset());

const wanted = describeReservation(
  { userId: demoUser, idempotencyKey: 'planted-key', operation: '$execute-x', parameters: [] },
  { binaryId: sampleBinaryId(), jobId: 'job-1' },
  sampleTime,
);
const taken = () => new ConditionalCheckFailedException({ $metadata: {}, message: 'x' });
const itemWritten = () => client.commandCalls(PutCommand)[0]?.args[0].input.Item ?? {};

test('the item holds neither the user nor the key, and has a TTL', async () => {
  client.on(PutCommand).resolves({});
  await store.reserve(demoTenant, wanted);
  expect(itemWritten()).toEqual({
    pk: expect.stringMatching(/^demo#idempotency#[0-9a-f]{64}$/),
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    binaryId: sampleBinaryId(),
    jobId: 'job-1',
    created: '2026-04-16T11:44:11.919Z',
    expires: Math.ceil(sampleTime / 1000) + 24 * 60 * 60,
  });
});

test("a put whose answer was lost is one's own when it is read back", async () => {
  client.on(PutCommand).resolves({});
  await store.reserve(demoTenant, wanted);
  const item = itemWritten();
  client.reset();
  client.on(PutCommand).rejects(taken());
  client.on(GetCommand).resolves({ Item: item });
  expect(await store.reserve(demoTenant, wanted)).toEqual(wanted);
  expect(client.commandCalls(GetCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
});

test('a reservation that was removed between write and read is tried again, a few times', async () => {
  client.on(PutCommand).rejectsOnce(taken()).resolves({});
  client.on(GetCommand).resolves({});
  expect(await store.reserve(demoTenant, wanted)).toEqual(wanted);
  client.reset();
  client.on(PutCommand).rejects(taken());
  client.on(GetCommand).resolves({});
  await expect(store.reserve(demoTenant, wanted)).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
  expect(client.commandCalls(PutCommand)).toHaveLength(3);
});

test('a store that does not answer is an unavailable dependency', async () => {
  const error = new DynamoDBServiceException({ name: 'InternalServerError', $fault: 'server', $metadata: {} });
  client.onAnyCommand().rejects(error);
  await expect(store.reserve(demoTenant, wanted)).rejects.toMatchObject({
    code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    details: { reason: 'job-store InternalServerError' },
  });
});

test('a reservation is found until it has run out, whether or not DynamoDB has removed it by then', async () => {
  client.on(PutCommand).resolves({});
  await store.reserve(demoTenant, wanted);
  client.on(GetCommand).resolves({ Item: itemWritten() });
  const end = Math.ceil(sampleTime / 1000 + 24 * 60 * 60) * 1000;
  expect(await store.findReservation(demoTenant, wanted.key, end - 1)).toEqual(wanted);
  expect(await store.findReservation(demoTenant, wanted.key, end)).toBeUndefined();
  client.on(GetCommand).resolves({});
  expect(await store.findReservation(demoTenant, wanted.key, sampleTime)).toBeUndefined();
});

test('a key is taken again, by one write, once its reservation has run out', async () => {
  client.on(PutCommand).resolves({});
  await store.reserve(demoTenant, wanted);
  expect(client.commandCalls(PutCommand)[0]?.args[0].input).toMatchObject({
    ConditionExpression: 'attribute_not_exists(pk) OR expires <= :now',
    ExpressionAttributeValues: { ':now': Math.floor(sampleTime / 1000) },
  });
});
