import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readJobMessage } from '../jobs/job-message.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import { describeError } from '../platform/logger.ts';
import type { WorkerDependencies } from './dependencies.ts';
import { type MessageOutcome, processJob } from './process-job.ts';

/** The worker Lambda's entry: a batch of queue messages in, those to be delivered again out. Never rejects for an event as SQS sends it. */
export type WorkerHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const processRecord = async (
  dependencies: WorkerDependencies,
  record: SQSRecord,
  remaining: number,
): Promise<MessageOutcome> => {
  const { logger } = dependencies;
  const message = readJobMessage(record.body);
  if (message === undefined) {
    logger.log('MESSAGE_UNUSABLE', { messageId: record.messageId, reason: 'not-a-job' });
    return 'retry';
  }
  try {
    return await processJob(dependencies, message, remaining);
  } catch (error) {
    const { tenantId: tenant, binaryId } = message;
    const ids = { messageId: record.messageId, tenant, binaryId };
    if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { ...ids, reason: error.details.reason });
    logger.log('MESSAGE_NOT_PROCESSED', { ...ids, ...describeError(error) });
    return 'retry';
  }
};

/**
 * Wires the worker around its dependencies. Messages of a batch are worked on one after another, so that memory is that of one
 * report; each one's outcome is its own (partial batch response).
 */
export const createWorkerHandler =
  (dependencies: WorkerDependencies): WorkerHandler =>
  async (event, context) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const record of event.Records) {
      const outcome = await processRecord(dependencies, record, context.getRemainingTimeInMillis());
      if (outcome === 'retry') batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  };
