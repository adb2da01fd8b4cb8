import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createS3BinaryEraser } from '../binaries/s3-binary-eraser.ts';
import { createDynamoDbImportStore } from '../imports/dynamodb-import-store.ts';
import { createDynamoDbBacklog } from '../jobs/dynamodb-backlog.ts';
import { createDynamoDbJobStore } from '../jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../jobs/dynamodb-open-job-index.ts';
import { createSqsDeadLetters } from '../jobs/sqs-dead-letters.ts';
import { createSqsJobQueue } from '../jobs/sqs-job-queue.ts';
import { clientSettings, documentSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { writeLine } from '../platform/write-line.ts';
import type { DispatcherConfig } from './config.ts';
import type { DispatcherDependencies } from './create-dispatcher-handler.ts';

/**
 * Everything the dispatcher needs, over AWS. Opens no connection.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createDispatcherDependencies = (config: DispatcherConfig, write = writeLine): DispatcherDependencies => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  const sqs = new SQSClient(clientSettings);
  const logger = createLogger(systemClock, write, config.stage);
  return {
    openJobs: createDynamoDbOpenJobIndex(documents, config.jobsTable, logger),
    backlog: createDynamoDbBacklog(documents, config.jobsTable),
    imports: createDynamoDbImportStore(documents, config.importsTable, randomIds),
    jobs: createDynamoDbJobStore(documents, config.jobsTable),
    queue: createSqsJobQueue(sqs, config.queueUrl),
    deadLetters: createSqsDeadLetters(sqs, config.deadLetterQueueUrl),
    eraser: createS3BinaryEraser(new S3Client(clientSettings), config.contentBucket),
    clock: systemClock,
    ids: randomIds,
    logger,
    rules: config,
    jobsPerTick: config.jobsPerTick,
  };
};
