import { GetQueueAttributesCommand, KmsDisabled, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createSqsDeadLetters } from '../../functions/jobs/sqs-dead-letters.ts';

const sqs = mockClient(SQSClient);
const deadLetters = createSqsDeadLetters(new SQSClient({ region: 'eu-north-1' }), 'https://queue');
beforeEach(() => sqs.reset());

test('messages that somebody looks at right now are counted too', async () => {
  const Attributes = { ApproximateNumberOfMessages: '2', ApproximateNumberOfMessagesNotVisible: '3' };
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes });
  expect(await deadLetters.count()).toBe(5);
  expect(sqs.commandCalls(GetQueueAttributesCommand)[0]?.args[0].input.QueueUrl).toBe('https://queue');
});

test('a queue that refuses is for an operator, one that does not answer is not', async () => {
  sqs.on(GetQueueAttributesCommand).rejectsOnce(new KmsDisabled({ $metadata: {}, message: 'planted-secret' }));
  await expect(deadLetters.count()).rejects.toMatchObject({
    code: 'DEPENDENCY_REFUSED',
    details: { reason: 'dead-letters KmsDisabled' },
  });
  sqs.on(GetQueueAttributesCommand).rejects(new Error('planted-secret'));
  await expect(deadLetters.count()).rejects.toMatchObject({ details: { reason: 'dead-letters connection' } });
});
