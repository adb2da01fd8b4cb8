import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';

const hour = 60 * 60_000;
let service: Embedded;
beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', samples: false, writeLog: () => {} });
});
afterAll(() => service.stop());

const idOfAge = (hours: number) => randomIds.sortableUuid(systemClock.now() - hours * hour);

test('A2, A25: bytes that no record names are removed two days after the order, those of versions and of young orders stay', async () => {
  const { clients, resources, functions } = service;
  const content = createS3BinaryContent(clients.s3, resources.contentBucket);
  const jobs = createDynamoDbJobStore(clients.documents, resources.jobsTable);
  const store = async (binaryId: string, version: number, attempt: string) => {
    const key = contentKey(demoTenant, binaryId, version, attempt);
    await content.put(demoTenant, { key, ...placeholder });
    return key;
  };
  const isStored = async (key: string) => (await content.get(demoTenant, key).catch(() => undefined)) !== undefined;

  const [old, never, young] = [idOfAge(50), idOfAge(50), idOfAge(47)];
  await jobs.place(demoTenant, sampleJob({ binaryId: old, jobId: 'job', status: 'DONE' }));
  const version = await store(old, 1, 'job');
  const lost = [await store(old, 2, 'killed'), await store(never, 1, 'never-recorded')];
  const untouched = await store(young, 1, 'under-way');
  await functions.cleaner();
  expect(await Promise.all([version, ...lost, untouched].map(isStored))).toEqual([true, false, false, true]);
});
