import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyMissingItems } from '../../local/copy-missing-items.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let dynamodb: DynamoDBClient;
let to: string;
const from = 'restored';

const connect = (): DynamoDBClient =>
  new DynamoDBClient({
    region: 'eu-north-1',
    endpoint: stores.endpoints.dynamodb,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

const makeTable = (TableName: string, AttributeName: string) =>
  dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
      KeySchema: [{ AttributeName, KeyType: 'HASH' }],
    }),
  );

beforeAll(async () => {
  stores = await startStores();
  dynamodb = connect();
  to = stores.ref('JobsTable');
  await makeTable(from, 'pk');
});
afterAll(async () => {
  dynamodb.destroy();
  await stores.stop();
});

type Item = Record<string, AttributeValue>;

const put = async (table: string, items: readonly Item[]): Promise<void> => {
  for (const Item of items) await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
};
const read = async (table: string): Promise<readonly Item[]> => {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
  return Items.sort((one, other) => String(one['pk']?.S).localeCompare(String(other['pk']?.S)));
};

/** With what a document client would change: a set, and a number beyond a double. */
const record = (id: string, status: string): Item => ({
  pk: { S: `demo#${id}` },
  status: { S: status },
  unknown: { SS: ['a', 'b'] },
  large: { N: '12345678901234567890.5' },
});

test('what is missing is copied as it is, once it is told to; what is there is left alone', async () => {
  const restored = Array.from({ length: 60 }, (_, index) => record(String(index).padStart(2, '0'), 'ACCEPTED'));
  const ended = restored.slice(0, 3).map((item) => ({ ...item, status: { S: 'DONE' } }));
  const later = record('later', 'ACCEPTED');
  await put(from, restored);
  await put(to, [...ended, later]);
  const pair = { dynamodb, from, to };
  expect(await copyMissingItems(pair, false)).toEqual({ found: 60, missing: 57, copied: 0 });
  expect(await read(to)).toEqual([...ended, later]);
  expect(await copyMissingItems(pair, true)).toEqual({ found: 60, missing: 57, copied: 57 });
  expect(await read(to)).toEqual([...ended, ...restored.slice(3), later]);
  expect(await copyMissingItems(pair, true)).toEqual({ found: 60, missing: 0, copied: 0 });
});

test('what the service writes in between is not overwritten', async () => {
  const late = record('late', 'ACCEPTED');
  await put(from, [late]);
  const writing = connect();
  writing.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutItemCommand') await put(to, [{ ...late, status: { S: 'CANCELLED' } }]);
        return next(args);
      },
    { step: 'initialize' },
  );
  expect(await copyMissingItems({ dynamodb: writing, from, to }, true)).toMatchObject({ missing: 1, copied: 0 });
  expect(await read(to)).toContainEqual({ ...late, status: { S: 'CANCELLED' } });
  writing.destroy();
});

test('a table of another kind is refused before anything is written', async () => {
  await expect(copyMissingItems({ dynamodb, from, to: stores.ref('TenantsTable') }, true)).rejects.toThrow(
    'restored has the key pk, serverless-reporting-local-TenantsTable has id: not of the same kind.',
  );
});

test('a table that is not there is named', async () => {
  await expect(copyMissingItems({ dynamodb, from, to: 'nowhere' }, true)).rejects.toThrow('There is no table nowhere.');
});
