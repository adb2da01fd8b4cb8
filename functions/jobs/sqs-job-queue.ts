import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { toDependencyError } from '../platform/dependency-error.ts';
import { writeJobMessage } from './job-message.ts';
import type { JobQueue } from './job-queue.ts';

/** The report queue in SQS. */
export const createSqsJobQueue = (sqs: SQSClient, queueUrl: string): JobQueue => ({
  async send(tenantId, binaryId) {
    try {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: writeJobMessage({ tenantId, binaryId }),
          // Of a standard queue: who has had less of the workers goes first (Amazon SQS, "fair queues").
          MessageGroupId: tenantId,
        }),
      );
    } catch (error) {
      throw toDependencyError('queue', error);
    }
  },
});
