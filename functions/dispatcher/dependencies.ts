import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoDbJobStore, createDynamoDbOpenJobIndex } from '../jobs/dynamodb-job-store.ts';
import { createSqsJobQueue } from '../jobs/sqs-job-queue.ts';
import { clientSettings, documentSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { writeLine } from '../platform/write-line.ts';
import type { DispatcherConfig } from './config.ts';
import type { TickDependencies } from './redrive-stale-jobs.ts';

/** Everything the dispatcher needs, over AWS. Opens no connection. */
export const createDispatcherDependencies = (config: DispatcherConfig): TickDependencies => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  return {
    openJobs: createDynamoDbOpenJobIndex(documents, config.jobsTable),
    jobs: createDynamoDbJobStore(documents, config.jobsTable),
    queue: createSqsJobQueue(new SQSClient(clientSettings), config.queueUrl),
    clock: systemClock,
    ids: randomIds,
    logger: createLogger(systemClock, writeLine),
    rules: config,
    jobsPerTick: config.jobsPerTick,
  };
};
