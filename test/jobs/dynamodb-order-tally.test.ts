import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { recentFrom, windowOf } from '../../functions/jobs/order-tally.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const store = createDynamoDbJobStore(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' })), 'jobs');
const refused = () => new ConditionalCheckFailedException({ $metadata: {}, message: 'planted-secret' });
const admit = (limit = 100) => store.admit(demoTenant, { mode: 'execute', now: sampleTime, limit, writer: 'this' });
const window = `w${windowOf(sampleTime)}`;
const day = 86_400;
const sent = () => client.calls().map(({ args }) => args[0].constructor.name);

beforeEach(() => client.reset());

describe('admitting an order', () => {
  test('H66: is one small conditional write as long as the tally is below the limit', async () => {
    client.on(UpdateCommand).resolves({});
    expect(await admit()).toBe(true);
    expect(sent()).toEqual(['UpdateCommand']);
    expect(client.commandCalls(UpdateCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'jobs',
      Key: { pk: 'demo#orders#execute' },
      ConditionExpression: 'attribute_not_exists(taken) OR (taken < :limit AND writer <> :writer)',
      ExpressionAttributeNames: { '#window': window },
      ExpressionAttributeValues: {
        ':limit': 100,
        ':one': 1,
        ':writer': 'this',
        ':expires': Math.ceil(sampleTime / 1000) + 6 * day,
      },
    });
  });
  test('H66: refuses with a count that is no longer than the limit, of the own jobs of that mode, and writes nothing', async () => {
    client.on(UpdateCommand).rejects(refused());
    client.on(GetCommand).resolves({ Item: { pk: 'x', taken: 100, writer: 'other', expires: 7, [window]: 30 } });
    client.on(QueryCommand).resolves({ Count: 70 });
    expect(await admit()).toBe(false);
    expect(sent()).toEqual(['UpdateCommand', 'GetCommand', 'QueryCommand']);
    expect(client.commandCalls(GetCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
    expect(client.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      IndexName: 'openByTenant',
      Select: 'COUNT',
      Limit: 100,
      ExpressionAttributeValues: {
        ':openTenant': 'demo#execute',
        ':first': new Date(sampleTime - 3 * day * 1000).toISOString(),
        ':last': new Date(recentFrom(sampleTime) - 1).toISOString(),
      },
    });
  });
  test('H66: recounts a full tally, over the one that was seen', async () => {
    client.on(UpdateCommand).rejects(refused());
    client.on(GetCommand).resolves({ Item: { taken: 100, writer: 'other', w1: 69, [window]: 30 } });
    client.on(QueryCommand).resolves({ Count: 69 });
    client.on(PutCommand).resolves({});
    expect(await admit()).toBe(true);
    const { Item, ...put } = client.commandCalls(PutCommand)[0]?.args[0].input ?? {};
    expect(Item).toEqual({
      pk: 'demo#orders#execute',
      taken: 100,
      writer: 'this',
      expires: expect.any(Number),
      [window]: 31,
    });
    expect(put).toMatchObject({
      ConditionExpression: 'writer = :seen',
      ExpressionAttributeValues: { ':seen': 'other' },
    });
  });
  test('H66: begins again where another order was faster with its recount', async () => {
    client.on(UpdateCommand).rejectsOnce(refused()).resolves({});
    client.on(GetCommand).resolves({ Item: { taken: 100, writer: 'other' } });
    client.on(QueryCommand).resolves({ Count: 1 });
    client.on(PutCommand).rejects(refused());
    expect(await admit()).toBe(true);
    expect(sent()).toEqual(['UpdateCommand', 'GetCommand', 'QueryCommand', 'PutCommand', 'UpdateCommand']);
  });
  test('A6: is admitted where the tally was written by itself: the answer was lost', async () => {
    client.on(UpdateCommand).rejects(refused());
    client.on(GetCommand).resolves({ Item: { taken: 100, writer: 'this' } });
    expect(await admit()).toBe(true);
    expect(sent()).toEqual(['UpdateCommand', 'GetCommand']);
  });
  test('H66: gives up after five rounds: so many others order at that moment', async () => {
    client.on(UpdateCommand).rejects(refused());
    client.on(GetCommand).resolves({ Item: { taken: 100, writer: 'other' } });
    client.on(QueryCommand).resolves({ Count: 1 });
    client.on(PutCommand).rejects(refused());
    expect(await admit()).toBe(false);
    expect(client.commandCalls(PutCommand)).toHaveLength(5);
  });
  test('H66: counts over several pages of the index, and no further than the limit', async () => {
    client.on(UpdateCommand).rejects(refused());
    client.on(GetCommand).resolves({ Item: { taken: 5000, writer: 'other' } });
    client
      .on(QueryCommand)
      .resolvesOnce({ Count: 3000, LastEvaluatedKey: { pk: 'x' } })
      .resolves({ Count: 2000, LastEvaluatedKey: { pk: 'y' } });
    expect(await admit(5000)).toBe(false);
    expect(
      client.commandCalls(QueryCommand).map(({ args }) => [args[0].input.Limit, args[0].input.ExclusiveStartKey]),
    ).toEqual([
      [5000, undefined],
      [2000, { pk: 'x' }],
    ]);
  });
  test.each(['update', 'get', 'query', 'put'])(
    'a table that does not answer the %s refuses and admits nobody',
    async (silent) => {
      const down = () =>
        new DynamoDBServiceException({
          name: 'InternalServerError',
          $fault: 'server',
          $metadata: {},
          message: 'planted-secret',
        });
      client.on(UpdateCommand).rejects(silent === 'update' ? down() : refused());
      client.on(GetCommand).resolves({ Item: { taken: 100, writer: 'other' } });
      client.on(QueryCommand).resolves({ Count: 1 });
      client.on(PutCommand).rejects(down());
      if (silent === 'get') client.on(GetCommand).rejects(down());
      if (silent === 'query') client.on(QueryCommand).rejects(down());
      await expect(admit()).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
    },
  );
});
