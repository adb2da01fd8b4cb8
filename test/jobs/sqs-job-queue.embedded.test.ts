import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJobMessage } from '../../functions/jobs/job-message.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

test('a job that is sent is received from the report queue', async () => {
  const queueUrl = stores.ref('ReportQueue');
  await createSqsJobQueue(stores.sqs, queueUrl).send(demoTenant, sampleBinaryId());
  const { Messages = [] } = await stores.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages.map(({ Body = '' }) => readJobMessage(Body))).toEqual([
    { tenantId: demoTenant, binaryId: sampleBinaryId() },
  ]);
});
