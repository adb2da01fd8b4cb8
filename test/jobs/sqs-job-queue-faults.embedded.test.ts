import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { serviceError } from '../support/service-error.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';

let faulty: FaultyStores;
let QueueUrl: string;
beforeAll(async () => {
  faulty = await startFaultyStores();
  QueueUrl = faulty.direct.ref('ReportQueue');
});
afterAll(() => faulty.stop());
beforeEach(async () => {
  faulty.heal();
  await faulty.direct.sqs.send(new PurgeQueueCommand({ QueueUrl }));
});

const send = (patience?: number) =>
  createSqsJobQueue(faulty.connect(patience).sqs, QueueUrl).send(demoTenant, sampleBinaryId());
const received = async (): Promise<readonly (string | undefined)[]> => {
  const request = { QueueUrl, MaxNumberOfMessages: 10 };
  const { Messages = [] } = await faulty.direct.sqs.send(new ReceiveMessageCommand(request));
  return Messages.map(({ Body }) => Body);
};
const body = writeJobMessage({ tenantId: demoTenant, binaryId: sampleBinaryId() });

test('A11: a message whose answer was lost is sent twice: duplicates come from our own side too', async () => {
  faulty.proxies.sqs.inject({ operation: 'SendMessage', fault: { kind: 'lose-answer' }, times: 1 });
  await send();
  expect(await received()).toEqual([body, body]);
});
test('a message of which every answer is lost may be in the queue all the same', async () => {
  faulty.proxies.sqs.inject({ operation: 'SendMessage', fault: { kind: 'lose-answer' } });
  await expect(send()).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
  expect(await received()).toEqual([body, body, body]);
});
test.each([{ kind: 'reset' }, { kind: 'blackhole' }, { kind: 'answer', status: 500, body: '{}' }] as const)(
  'A10: a queue that meets every message with $kind is an unavailable dependency',
  async (fault) => {
    faulty.proxies.sqs.inject({ operation: 'SendMessage', fault });
    await expect(send(100)).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(await received()).toEqual([]);
  },
);
