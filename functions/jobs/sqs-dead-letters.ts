import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { DeadLetters } from './dead-letters.ts';

/** What is in the queue is visible, or somebody has received it and not given it back yet. */
const counts: readonly QueueAttributeName[] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];

/** The dead-letter queue in SQS, only to be counted. */
export const createSqsDeadLetters = (sqs: SQSClient, queueUrl: string): DeadLetters => ({
  async count() {
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...counts] });
      const { Attributes = {} } = await sqs.send(command);
      return counts.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
    } catch (error) {
      throw toDependencyError('dead-letters', error);
    }
  },
});
