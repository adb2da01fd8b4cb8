import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyMissingItems } from '../../local/copy-missing-items.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
let dynamodb: DynamoDBClient;
let to: string;
let tenants: string;
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
  tenants = stores.ref('TenantsTable');
  await makeTable(from, 'pk');
  await put(tenants, [
    { id: { S: 'demo' }, enabled: { BOOL: false } },
    { id: { S: 'moved' }, region: { S: 'eu-west-1' } },
  ]);
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
  const pair = { dynamodb, from, to, tenants };
  const leftOut = new Map();
  expect(await copyMissingItems(pair, false)).toEqual({ found: 60, missing: 57, copied: 0, leftOut });
  expect(await read(to)).toEqual([...ended, later]);
  expect(await copyMissingItems(pair, true)).toEqual({ found: 60, missing: 57, copied: 57, leftOut });
  expect(await read(to)).toEqual([...ended, ...restored.slice(3), later]);
  expect(await copyMissingItems(pair, true)).toEqual({ found: 60, missing: 0, copied: 0, leftOut });
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
  expect(await copyMissingItems({ dynamodb: writing, from, to, tenants }, true)).toMatchObject({
    missing: 1,
    copied: 0,
  });
  expect(await read(to)).toContainEqual({ ...late, status: { S: 'CANCELLED' } });
  writing.destroy();
});

describe('what is missing because it was erased', () => {
  const leftOut = new Map([
    ['gone', 2],
    ['moved', 1],
  ]);
  const pkOf = ({ pk }: Item) => String(pk?.S);

  test('a tenant without a record, or of another region by now, is left out of jobs and told of', async () => {
    const stays = record('stays', 'DONE');
    const others = ['gone#a', 'gone#b', 'moved#a'].map((pk) => ({ ...record('', 'ACCEPTED'), pk: { S: pk } }));
    await put(from, [stays, ...others]);
    const pair = { dynamodb, from, to, tenants };
    expect(await copyMissingItems(pair, false)).toMatchObject({ missing: 1, leftOut });
    expect(await copyMissingItems(pair, true)).toMatchObject({ missing: 1, copied: 1, leftOut });
    const there = (await read(to)).map(pkOf);
    expect(there).toContain('demo#stays');
    expect(there.filter((pk) => !pk.startsWith('demo#'))).toEqual([]);
  });

  test('and of imports', async () => {
    const imports = stores.ref('ImportsTable');
    await makeTable('restored-imports', 'tenant');
    await put('restored-imports', [{ tenant: { S: 'gone' } }, { tenant: { S: 'demo' } }]);
    expect(await copyMissingItems({ dynamodb, from: 'restored-imports', to: imports, tenants }, true)).toEqual({
      found: 2,
      missing: 1,
      copied: 1,
      leftOut: new Map([['gone', 1]]),
    });
    expect(await read(imports)).toEqual([{ tenant: { S: 'demo' } }]);
  });

  test('records of tenants are not copied at all: an erased one would be served again', async () => {
    await makeTable('restored-tenants', 'id');
    await put('restored-tenants', [{ id: { S: 'gone' } }]);
    await expect(copyMissingItems({ dynamodb, from: 'restored-tenants', to: tenants, tenants }, true)).rejects.toThrow(
      /one by one.* --table restored-tenants --region eu-north-1, then .* --adopt --elsewhere --table \S+ --region eu-north-1$/,
    );
    expect(await read(tenants)).not.toContainEqual({ id: { S: 'gone' } });
  });
});

test('a table of another kind is refused before anything is written', async () => {
  await expect(copyMissingItems({ dynamodb, from, to: tenants, tenants }, true)).rejects.toThrow(
    'restored has the key pk, serverless-reporting-local-TenantsTable has id: not of the same kind.',
  );
  await expect(copyMissingItems({ dynamodb, from, to, tenants: to }, true)).rejects.toThrow('is no table of tenants');
  await makeTable('else', 'else');
  await expect(copyMissingItems({ dynamodb, from: 'else', to: 'else', tenants }, true)).rejects.toThrow(
    'else is no table of jobs or of imports.',
  );
});

test('a table that is not there is named', async () => {
  await expect(copyMissingItems({ dynamodb, from, to: 'nowhere', tenants }, true)).rejects.toThrow(
    'There is no table nowhere.',
  );
});
