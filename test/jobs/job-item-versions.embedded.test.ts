import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import type { JobItem } from '../../functions/jobs/job-item.ts';
import { jobKey } from '../../functions/jobs/job-item.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { sampleTransitions } from '../support/job-transitions.ts';
import { readFixture } from '../support/read-fixture.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime, storedPlaceholder } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

/** An item as a later version of the service might write it. */
interface NewerItem extends JobItem {
  readonly priority: number;
  readonly requestedBy: object;
}

const newer = readFixture<NewerItem>('job-items/newer.json');
const older = readFixture<JobItem>('job-items/older.json');
const ordered = readFixture<JobItem>('job-items/ordered.json');
const { priority, requestedBy } = newer;
const binaryId = sampleBinaryId();
const Key = jobKey(demoTenant, binaryId);
let stores: Stores;
let store: JobStore;
beforeAll(async () => {
  stores = await startStores();
  store = createDynamoDbJobStore(stores.documents, stores.ref('JobsTable'));
});
afterAll(() => stores.stop());
beforeEach(() => stores.clearJobs());

const tableName = () => ({ TableName: stores.ref('JobsTable') });
const put = (Item: JobItem) => stores.documents.send(new PutCommand({ ...tableName(), Item }));
const stored = async () => (await stores.documents.send(new GetCommand({ ...tableName(), Key }))).Item as NewerItem;

/** Gives the item that is there what a later version would have written into it. */
const addUnknown = async () => {
  const hasVersion = '1' in (await stored()).versions;
  await stores.documents.send(
    new UpdateCommand({
      ...tableName(),
      Key,
      UpdateExpression: `SET priority = :priority, requestedBy = :by${hasVersion ? ', versions.#one = :version' : ''}`,
      ExpressionAttributeValues: {
        ':priority': priority,
        ':by': requestedBy,
        ...(hasVersion && { ':version': newer.versions['1'] }),
      },
      ...(hasVersion && { ExpressionAttributeNames: { '#one': '1' } }),
    }),
  );
};

describe('an item of a later version', () => {
  test('A55: is read as far as it is known', async () => {
    await put(newer);
    const asKnown = sampleJob({ versions: [storedPlaceholder()] });
    expect(await store.read(demoTenant, binaryId)).toMatchObject(asKnown);
    const index = createDynamoDbOpenJobIndex(stores.documents, stores.ref('JobsTable'), createRecordedLog());
    expect(await index.findDue(sampleTime + 60_000, 10)).toMatchObject([asKnown]);
  });
  test.each(sampleTransitions.filter(({ name }) => name !== 'place'))(
    'A55: keeps what is not known through $name',
    async ({ given, write, record }) => {
      const seen = await given(store);
      await addUnknown();
      const { outcome } = await write(store, seen ?? sampleJob());
      expect(outcome).toBe('applied');
      const item = await stored();
      expect(item).toMatchObject({ priority, requestedBy });
      if (record.versions?.length !== 0 && record.erasedAt === undefined) {
        expect(item.versions['1']).toEqual(newer.versions['1']);
      }
    },
  );
  test('A55: that is placed again by the same order stays as it is', async () => {
    await put(newer);
    expect((await store.place(demoTenant, sampleJob())).outcome).toBe('applied');
    expect(await stored()).toEqual(newer);
  });
});

describe('an item of this version', () => {
  test('A55: of an order is what the fixture says, which the version before reads: version 1 is inline as failed versions have always been', async () => {
    await store.place(demoTenant, sampleJob());
    expect(await stored()).toEqual(ordered);
  });
});

describe('an item with a status that only a later version knows', () => {
  test.each(sampleTransitions.filter(({ name }) => name !== 'place'))(
    'A55: is not touched by $name, which names the status that it comes from',
    async ({ write }) => {
      const paused = { ...newer, status: 'PAUSED' } as unknown as JobItem;
      await put(paused);
      expect((await write(store, sampleJob())).outcome).toBe('conflict');
      expect(await stored()).toEqual(paused);
    },
  );
});

describe('an item of an earlier version', () => {
  test('A55: without the attributes that came later is read, and ended by the worker that has it', async () => {
    await put(older);
    const seen = await store.read(demoTenant, binaryId);
    expect(seen).toMatchObject({ status: 'RUNNING', attempts: 1, lease: { token: 'a' } });
    const complete = sampleTransitions.find(({ name }) => name === 'complete');
    expect((await complete?.write(store, sampleJob()))?.outcome).toBe('applied');
    expect(await stored()).toMatchObject({ status: 'DONE' });
  });
  test('A55: is queued again by the dispatcher when its worker is gone', async () => {
    await put(older);
    const redrive = sampleTransitions.find(({ name }) => name === 'redrive');
    const seen = await store.read(demoTenant, binaryId);
    expect((await redrive?.write(store, seen ?? sampleJob()))?.outcome).toBe('applied');
    expect(await stored()).toMatchObject({ status: 'QUEUED', redrives: 1 });
  });
});
