import { SendMessageCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const sqs = mockClient(SQSClient);
const queue = createSqsJobQueue(new SQSClient({ region: 'eu-north-1' }), 'https://queue');

test('H66: a job is sent as a message with its ids, in the group of its tenant, so that the queue can be fair', async () => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
  await queue.send(demoTenant, sampleBinaryId());
  expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'https://queue',
    MessageBody: JSON.stringify({ tenant: 'demo', binaryId: sampleBinaryId() }),
    MessageGroupId: 'demo',
  });
});

test.each([
  [
    'QueueDoesNotExist',
    'DEPENDENCY_REFUSED',
    new SQSServiceException({ name: 'QueueDoesNotExist', $fault: 'client', $metadata: {}, message: 'planted-secret' }),
  ],
  ['connection', 'GENERAL_DEPENDENCY_UNAVAILABLE', new Error('planted-secret')],
])('%s is %s and tells nothing else (A37)', async (name, code, error) => {
  sqs.reset();
  sqs.on(SendMessageCommand).rejects(error);
  const refused = await queue.send(demoTenant, sampleBinaryId()).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ code, details: { reason: `queue ${name}` } });
  expect(JSON.stringify(refused)).not.toContain('planted-secret');
});
