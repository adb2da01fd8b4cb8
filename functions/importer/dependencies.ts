import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import { createDynamoDbTenantSource } from '../auth/dynamodb-tenant-registry.ts';
import { createDynamoDbImportIndex, createDynamoDbImportStore } from '../imports/dynamodb-import-store.ts';
import { createHttpsExchange } from '../imports/https-exchange.ts';
import { defaultImportLimits, maxRestarts } from '../imports/import-limits.ts';
import { createS3DataSetFiles } from '../imports/s3-data-set-files.ts';
import { createSqsImportQueue } from '../imports/sqs-import-queue.ts';
import { createSsmSecretStore } from '../imports/ssm-secret-store.ts';
import { clientSettings, documentSettings, streamingClientSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { systemTimers } from '../platform/timers.ts';
import { writeLine } from '../platform/write-line.ts';
import type { ImporterConfig } from './config.ts';
import type { ImporterDependencies } from './create-importer-handler.ts';

/**
 * Everything the importer needs, over AWS. Opens no connection.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createImporterDependencies = (config: ImporterConfig, write = writeLine): ImporterDependencies => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  const logger = createLogger(systemClock, write, config.stage);
  return {
    tenants: createCachingTenantRegistry({
      source: createDynamoDbTenantSource(documents, config.tenantsTable),
      clock: systemClock,
      logger,
      trustedPrivateHosts: config.trustedPrivateHosts,
      region: config.region,
      cacheSeconds: config.tenantCacheSeconds,
    }),
    imports: createDynamoDbImportStore(documents, config.importsTable, randomIds),
    index: createDynamoDbImportIndex(documents, config.importsTable),
    queue: createSqsImportQueue(new SQSClient(clientSettings), config.queueUrl),
    files: createS3DataSetFiles(new S3Client(streamingClientSettings), config.dataBucket),
    secrets: createSsmSecretStore(new SSMClient(clientSettings), config.secretsPrefix),
    clock: systemClock,
    ids: randomIds,
    timers: systemTimers,
    logger,
    openExchange: (source) => createHttpsExchange({ source, trustedPrivateHosts: config.trustedPrivateHosts }),
    limits: defaultImportLimits,
    rules: { ...config, maxRestarts },
    grace: config.grace,
  };
};
