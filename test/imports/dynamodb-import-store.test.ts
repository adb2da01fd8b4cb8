import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbImportIndex, createDynamoDbImportStore } from '../../functions/imports/dynamodb-import-store.ts';
import { toImportItem } from '../../functions/imports/import-item.ts';
import { claimImport } from '../../functions/imports/import-transitions.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { sampleImport } from '../support/sample-import.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';

const client = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' }));
const store = () => createDynamoDbImportStore(documents, 'imports', createCountedIds());
beforeEach(() => client.reset());

const failedCondition = () => new ConditionalCheckFailedException({ $metadata: {}, message: 'planted-secret' });
const seen = sampleImport();
const claimed = claimImport(seen, { token: 'a', until: sampleTime + 1 });

test("a write whose answer was lost and that the SDK repeated is one's own when its writer is there", async () => {
  const writer = createCountedIds().uuid();
  client.on(UpdateCommand).rejects(failedCondition());
  client.on(GetCommand).resolves({ Item: toImportItem({ ...claimed, revision: 2, writer }) });
  expect((await store().replace(demoTenant, seen, claimed)).outcome).toBe('applied');
});

test("it is another's when the writer is another", async () => {
  client.on(UpdateCommand).rejects(failedCondition());
  client.on(GetCommand).resolves({ Item: toImportItem({ ...claimed, revision: 2, writer: 'another' }) });
  expect((await store().replace(demoTenant, seen, claimed)).outcome).toBe('conflict');
});

test('a beginning whose answer was lost is known by its writer too', async () => {
  client.on(PutCommand).rejects(failedCondition());
  client.on(GetCommand).resolves({ Item: toImportItem(seen) });
  expect((await store().begin(demoTenant, seen, undefined)).outcome).toBe('applied');
});

test('a table that does not answer is told as such, without its message', async () => {
  const error = new DynamoDBServiceException({
    name: 'InternalServerError',
    $fault: 'server',
    $metadata: {},
    message: 'planted-secret',
  });
  client.onAnyCommand().rejects(error);
  const told = { code: 'GENERAL_DEPENDENCY_UNAVAILABLE', details: { reason: 'import-store InternalServerError' } };
  await expect(store().read(demoTenant)).rejects.toMatchObject(told);
  await expect(store().replace(demoTenant, seen, claimed)).rejects.toMatchObject(told);
  await expect(createDynamoDbImportIndex(documents, 'imports').findDue(0, 1)).rejects.toMatchObject(told);
});

test('only what has changed is written', async () => {
  client.on(UpdateCommand).resolves({});
  await store().replace(demoTenant, seen, claimed);
  const names = client.commandCalls(UpdateCommand)[0]?.args[0].input.ExpressionAttributeNames;
  expect(Object.values(names ?? {}).sort()).toEqual([
    'attempts',
    'due',
    'importId',
    'leaseToken',
    'leaseUntil',
    'revision',
    'writer',
  ]);
  client.on(QueryCommand).resolves({});
  expect(await createDynamoDbImportIndex(documents, 'imports').findDue(0, 1)).toEqual([]);
});
