import { afterAll, beforeAll, describe } from 'vitest';
import { createDynamoDbJobList } from '../../functions/jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import { describeJobStore } from '../support/job-store-contract.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

describe('the DynamoDB job store keeps the contract of job stores', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await startStores();
  });
  afterAll(() => stores.stop());
  describeJobStore(async () => {
    await stores.clearJobs();
    const table = stores.ref('JobsTable');
    return {
      ...createDynamoDbJobStore(stores.documents, table),
      ...createDynamoDbOpenJobIndex(stores.documents, table, createRecordedLog()),
      ...createDynamoDbJobList(stores.documents, table, createRecordedLog()),
    };
  });
});
