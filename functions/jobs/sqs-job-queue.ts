import { SendMessageCommand, type SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { ServiceError } from '../platform/service-error.ts';
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
      const name = error instanceof SQSServiceException ? error.name : 'connection';
      throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: `queue ${name}` });
    }
  },
});
