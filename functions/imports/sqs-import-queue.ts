import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { toDependencyError } from '../platform/dependency-error.ts';
import { writeImportMessage } from './import-message.ts';
import type { ImportQueue } from './import-queue.ts';

/** The import queue in SQS. */
export const createSqsImportQueue = (sqs: SQSClient, queueUrl: string): ImportQueue => ({
  async send(tenantId, importId) {
    const MessageBody = writeImportMessage({ tenantId, importId });
    try {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageGroupId: tenantId }));
    } catch (error) {
      throw toDependencyError('import-queue', error);
    }
  },
});
