import { describe } from 'vitest';
import { createDynamoDbJobStore } from '../../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../../functions/jobs/dynamodb-open-job-index.ts';
import { describeJobStore } from '../../support/job-store-contract.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createTableClient } from './answer-dynamodb.ts';
import { createInMemoryTable } from './in-memory-table.ts';
import { readJobsTableSchema } from './jobs-table-schema.ts';

describe("the job store over the simulation's table keeps the contract of job stores", () => {
  describeJobStore(async () => {
    const table = createInMemoryTable(await readJobsTableSchema(), { now: () => 0, lag: () => 0, written: () => {} });
    const client = createTableClient(table);
    return {
      ...createDynamoDbJobStore(client, 'jobs'),
      ...createDynamoDbOpenJobIndex(client, 'jobs', createRecordedLog()),
    };
  });
});
