import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbReportPaceStore } from '../../functions/jobs/dynamodb-report-pace.ts';
import { demoTenant, sampleTime } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

test('a pace is read back as it was last written, and is of one tenant and report alone', async () => {
  const store = createDynamoDbReportPaceStore(stores.documents, stores.ref('JobsTable'));
  expect(await store.read(demoTenant, 'A')).toBeUndefined();
  await store.write(demoTenant, 'A', { generating: 1, waiting: 2, measured: sampleTime - 1 });
  const pace = { generating: 4000, waiting: 500, measured: sampleTime };
  await store.write(demoTenant, 'A', pace);
  expect(await store.read(demoTenant, 'A')).toEqual(pace);
  expect(await store.read(demoTenant, 'B')).toBeUndefined();
  expect(await store.read(restoreTenantId('other'), 'A')).toBeUndefined();
});
