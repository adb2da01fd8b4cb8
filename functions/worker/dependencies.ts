import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import { createDynamoDbTenantSource } from '../auth/dynamodb-tenant-registry.ts';
import { createS3BinaryContent } from '../binaries/s3-binary-content.ts';
import { createS3DataSetSource } from '../episodes/s3-dataset.ts';
import { createDynamoDbJobStore } from '../jobs/dynamodb-job-store.ts';
import { createDynamoDbReportPaceStore } from '../jobs/dynamodb-report-pace.ts';
import { clientSettings, documentSettings, streamingClientSettings } from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { systemTimers } from '../platform/timers.ts';
import { writeLine } from '../platform/write-line.ts';
import { createS3SummaryStore } from '../reports/s3-summary-store.ts';
import type { WorkerConfig } from './config.ts';
import type { JobDependencies } from './process-job.ts';

/** Everything the worker needs. */
export type WorkerDependencies = JobDependencies;

/**
 * Everything the worker needs, over AWS. Opens no connection.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createWorkerDependencies = (config: WorkerConfig, write = writeLine): WorkerDependencies => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  const logger = createLogger(systemClock, write, config.stage);
  const contentS3 = new S3Client(clientSettings);
  return {
    tenants: createCachingTenantRegistry({
      source: createDynamoDbTenantSource(documents, config.tenantsTable),
      clock: systemClock,
      logger,
      trustedPrivateHosts: config.trustedPrivateHosts,
      region: config.region,
      cacheSeconds: config.tenantCacheSeconds,
    }),
    jobs: createDynamoDbJobStore(documents, config.jobsTable),
    pace: createDynamoDbReportPaceStore(documents, config.jobsTable),
    content: createS3BinaryContent(contentS3, config.contentBucket),
    summaries: createS3SummaryStore(contentS3, config.contentBucket),
    dataSets: createS3DataSetSource(new S3Client(streamingClientSettings), config.dataBucket),
    clock: systemClock,
    ids: randomIds,
    timers: systemTimers,
    logger,
    rules: config,
  };
};
