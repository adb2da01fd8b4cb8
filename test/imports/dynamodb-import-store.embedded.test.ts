import { DeleteCommand, GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDynamoDbImportIndex, createDynamoDbImportStore } from '../../functions/imports/dynamodb-import-store.ts';
import { startPolling } from '../../functions/imports/import-transitions.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { describeImportStore } from '../support/import-store-contract.ts';
import { sampleImport } from '../support/sample-import.ts';
import { demoTenant } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

describe('the DynamoDB import store', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await startStores();
  });
  afterAll(() => stores.stop());

  const open = async () => {
    const TableName = stores.ref('ImportsTable');
    const { Items = [] } = await stores.documents.send(new ScanCommand({ TableName }));
    for (const { tenant } of Items) await stores.documents.send(new DeleteCommand({ TableName, Key: { tenant } }));
    return {
      ...createDynamoDbImportStore(stores.documents, TableName, randomIds),
      ...createDynamoDbImportIndex(stores.documents, TableName),
    };
  };

  describe('keeps the contract of import stores', () => describeImportStore(open));

  test('A55: leaves alone what a later version has added', async () => {
    const store = await open();
    const TableName = stores.ref('ImportsTable');
    const Key = { tenant: demoTenant };
    await store.begin(demoTenant, sampleImport(), undefined);
    const ExpressionAttributeValues = { ':v': 'kept' };
    await stores.documents.send(
      new UpdateCommand({ TableName, Key, UpdateExpression: 'SET addedLater = :v', ExpressionAttributeValues }),
    );
    await store.replace(demoTenant, sampleImport(), startPolling(sampleImport(), 'https://x.dk/1'));
    const { Item } = await stores.documents.send(new GetCommand({ TableName, Key }));
    expect(Item).toMatchObject({ addedLater: 'kept', state: 'POLLING' });
  });
});
