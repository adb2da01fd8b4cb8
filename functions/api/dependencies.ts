import { CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCloudWatchAuditLog } from '../audit/cloudwatch-audit-log.ts';
import { createCachingTenantRegistry } from '../auth/caching-tenant-registry.ts';
import { createDynamoDbTenantSource } from '../auth/dynamodb-tenant-registry.ts';
import { fetchIssuerKeys } from '../auth/fetch-issuer-keys.ts';
import { createHttpsJwksFetcher } from '../auth/https-jwks-fetcher.ts';
import { createIssuerKeys } from '../auth/issuer-keys.ts';
import { createTokenVerifier, type TokenVerifier } from '../auth/verify-token.ts';
import { createS3BinaryContent } from '../binaries/s3-binary-content.ts';
import { createS3BinaryEraser } from '../binaries/s3-binary-eraser.ts';
import { createS3DataSetSource } from '../episodes/s3-dataset.ts';
import { createDynamoDbJobList } from '../jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../jobs/dynamodb-job-store.ts';
import { createDynamoDbReportPaceStore } from '../jobs/dynamodb-report-pace.ts';
import { createSqsJobQueue } from '../jobs/sqs-job-queue.ts';
import {
  clientSettings,
  documentSettings,
  lastCallSettings,
  streamingClientSettings,
} from '../platform/client-settings.ts';
import { systemClock } from '../platform/clock.ts';
import { randomIds } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { rehearseCommand } from '../platform/rehearse-command.ts';
import { systemTimers } from '../platform/timers.ts';
import type { WarmUps } from '../platform/warm-up.ts';
import { writeLine } from '../platform/write-line.ts';
import { createS3SummaryStore } from '../reports/s3-summary-store.ts';
import type { AuditDependencies } from './audit-requests.ts';
import type { ApiConfig } from './config.ts';
import { createRecentPaces } from './recent-paces.ts';
import type { RouteDependencies } from './routes.ts';

/** Everything the api needs. */
export interface ApiDependencies extends RouteDependencies, AuditDependencies {
  readonly verifier: TokenVerifier;
  /** Path of the public address, without a slash at its end: `/fhir`, or empty. */
  readonly basePath: string;
}

/** Everything the api needs, and what may be done before its first request. */
export interface ApiStart extends ApiDependencies {
  readonly warmUps: WarmUps;
}

const createVerifier = (config: ApiConfig, documents: DynamoDBDocumentClient, logger: ApiDependencies['logger']) => {
  const { trustedPrivateHosts, region, tenantCacheSeconds: cacheSeconds } = config;
  const clock = systemClock;
  const source = createDynamoDbTenantSource(documents, config.tenantsTable);
  const registry = createCachingTenantRegistry({ source, clock, logger, trustedPrivateHosts, region, cacheSeconds });
  const keys = createIssuerKeys({ fetcher: createHttpsJwksFetcher({ trustedPrivateHosts }), clock, logger });
  return { registry, keys, verifier: createTokenVerifier({ registry, keys, clock, logger }) };
};

/** An order's commands, none of which is sent. DynamoDB's connection comes of reading the tenants, and of S3 an order needs nothing. */
const rehearseCommands = (sqs: SQSClient, logs: CloudWatchLogsClient, { queueUrl, audit }: ApiConfig): WarmUps => {
  const message = { QueueUrl: queueUrl, MessageBody: '{}' };
  const logEvents = [{ timestamp: systemClock.now(), message: '{}' }];
  const events = { logGroupName: audit.group, logStreamName: audit.stream, logEvents };
  return {
    sqs: () => rehearseCommand(sqs, new SendMessageCommand(message)),
    'cloudwatch-logs': () => rehearseCommand(logs, new PutLogEventsCommand(events)),
  };
};

/**
 * Everything the api needs, over AWS. Opens no connection; its `warmUps` do.
 *
 * @param write takes the log, one line at a time; stdout in Lambda
 */
export const createApiDependencies = (config: ApiConfig, write = writeLine): ApiStart => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), documentSettings);
  const logger = createLogger(systemClock, write, config.stage);
  const s3 = new S3Client(clientSettings);
  const sqs = new SQSClient(lastCallSettings);
  const logs = new CloudWatchLogsClient(lastCallSettings);
  const { registry, keys, verifier } = createVerifier(config, documents, logger);
  return {
    verifier,
    jobs: {
      ...createDynamoDbJobStore(documents, config.jobsTable),
      ...createDynamoDbJobList(documents, config.jobsTable, logger),
    },
    paces: createRecentPaces({
      store: createDynamoDbReportPaceStore(documents, config.jobsTable),
      clock: systemClock,
      logger,
    }),
    content: createS3BinaryContent(s3, config.contentBucket),
    summaries: createS3SummaryStore(s3, config.contentBucket),
    eraser: createS3BinaryEraser(s3, config.contentBucket),
    dataSets: createS3DataSetSource(new S3Client(streamingClientSettings), config.dataBucket),
    queue: createSqsJobQueue(sqs, config.queueUrl),
    audit: createCloudWatchAuditLog(logs, config.audit, systemClock),
    clock: systemClock,
    ids: randomIds,
    timers: systemTimers,
    logger,
    baseUrl: config.baseUrl,
    basePath: new URL(config.baseUrl).pathname.replace(/\/$/, ''),
    rules: config,
    executeDeadline: config.executeDeadline,
    retention: config.retention,
    warmUps: { issuers: () => fetchIssuerKeys(registry, keys, systemTimers), ...rehearseCommands(sqs, logs, config) },
  };
};
