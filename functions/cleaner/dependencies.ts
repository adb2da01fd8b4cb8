import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createS3BinaryInventory } from '../binaries/s3-binary-inventory.ts';
import { createDynamoDbJobStore } from '../jobs/dynamodb-job-store.ts';
import { clientSettings, documentSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { writeLine } from '../platform/write-line.ts';
import type { CleanerConfig } from './config.ts';
import type { CleanerDependencies } from './create-cleaner-handler.ts';

/**
 * Everything the cleaner needs, over AWS. Opens no connection.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createCleanerDependencies = (config: CleanerConfig, write = writeLine): CleanerDependencies => ({
  inventory: createS3BinaryInventory(new S3Client(clientSettings), config.contentBucket),
  jobs: createDynamoDbJobStore(
    DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings),
    config.jobsTable,
  ),
  clock: systemClock,
  ids: randomIds,
  logger: createLogger(systemClock, write, config.stage),
  orphanAge: config.orphanAge,
});
