import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { demoTenant, sampleJob, storedPlaceholder } from '../support/sample-job.ts';

const hour = 60 * 60_000;
let service: Embedded;
beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', samples: false, writeLog: () => {} });
});
afterAll(() => service.stop());

const idOfAge = (hours: number) => randomIds.sortableUuid(systemClock.now() - hours * hour);

test('A2, A25: bytes that a record does not name are removed two days after the order, those of versions, of young orders and without a record stay', async () => {
  const { clients, resources, functions } = service;
  const content = createS3BinaryContent(clients.s3, resources.contentBucket);
  const jobs = createDynamoDbJobStore(clients.documents, resources.jobsTable);
  const store = async (binaryId: string, version: number, attempt: string) => {
    const key = contentKey(demoTenant, binaryId, version, attempt);
    await content.put(demoTenant, { key, ...placeholder }, new AbortController().signal);
    return key;
  };
  const isStored = async (key: string) => (await content.get(demoTenant, key).catch(() => undefined)) !== undefined;

  const [old, earlier, never, young] = [idOfAge(50), idOfAge(50), idOfAge(50), idOfAge(47)];
  await jobs.place(demoTenant, sampleJob({ binaryId: old, status: 'DONE' }));
  const ofEarlier = sampleJob({ binaryId: earlier, jobId: 'job', status: 'DONE' });
  await jobs.place(demoTenant, { ...ofEarlier, versions: [storedPlaceholder(ofEarlier)] });
  const version = await store(earlier, 1, 'job');
  const lost = [await store(old, 2, 'killed'), await store(earlier, 2, 'killed')];
  const untouched = [await store(young, 2, 'under-way'), await store(never, 1, 'never-recorded')];
  await functions.cleaner();
  expect(await Promise.all([version, ...untouched, ...lost].map(isStored))).toEqual([true, true, true, false, false]);
});
