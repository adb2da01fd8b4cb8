import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe } from 'vitest';
import {
  createDynamoDbImportIndex,
  createDynamoDbImportStore,
} from '../../../functions/imports/dynamodb-import-store.ts';
import { createDynamoDbJobList } from '../../../functions/jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../../functions/jobs/dynamodb-open-job-index.ts';
import { randomIds } from '../../../functions/platform/ids.ts';
import { describeImportStore } from '../../support/import-store-contract.ts';
import { describeJobStore } from '../../support/job-store-contract.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createTableClient } from './answer-dynamodb.ts';
import { createInMemoryTable } from './in-memory-table.ts';
import { readTableSchema } from './table-schema.ts';

const createClient = async (table: 'JobsTable' | 'ImportsTable'): Promise<DynamoDBDocumentClient> =>
  createTableClient(
    createInMemoryTable(await readTableSchema(table), { now: () => 0, lag: () => 0, written: () => {} }),
  );

describe("the job store over the simulation's table keeps the contract of job stores", () => {
  describeJobStore(async () => {
    const client = await createClient('JobsTable');
    return {
      ...createDynamoDbJobStore(client, 'jobs'),
      ...createDynamoDbOpenJobIndex(client, 'jobs', createRecordedLog()),
      ...createDynamoDbJobList(client, 'jobs', createRecordedLog()),
    };
  });
});

describe("the import store over the simulation's table keeps the contract of import stores", () => {
  describeImportStore(async () => {
    const client = await createClient('ImportsTable');
    return {
      ...createDynamoDbImportStore(client, 'imports', randomIds),
      ...createDynamoDbImportIndex(client, 'imports'),
    };
  });
});
