import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createS3BinaryContent } from '../binaries/s3-binary-content.ts';
import { createS3BinaryInventory } from '../binaries/s3-binary-inventory.ts';
import { createDynamoDbJobSample } from '../jobs/dynamodb-job-sample.ts';
import { createDynamoDbJobStore } from '../jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../jobs/dynamodb-open-job-index.ts';
import { clientSettings, documentSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { writeLine } from '../platform/write-line.ts';
import type { AuditorConfig } from './config.ts';
import type { AuditorDependencies } from './create-auditor-handler.ts';

/**
 * Everything the auditor needs, over AWS. Opens no connection.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createAuditorDependencies = (config: AuditorConfig, write = writeLine): AuditorDependencies => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  const s3 = new S3Client(clientSettings);
  const logger = createLogger(systemClock, write, config.stage);
  return {
    sample: createDynamoDbJobSample(documents, config.jobsTable, randomIds),
    jobs: createDynamoDbJobStore(documents, config.jobsTable),
    openJobs: createDynamoDbOpenJobIndex(documents, config.jobsTable, logger),
    content: createS3BinaryContent(s3, config.contentBucket),
    inventory: createS3BinaryInventory(s3, config.contentBucket),
    clock: systemClock,
    ids: randomIds,
    logger,
    rules: config,
  };
};
