import * as v from 'valibot';
import type { LogDestination } from '../audit/audit-log.ts';
import { type TrustedPrivateHosts, trustedPrivateHostsSetting } from '../auth/trusted-private-hosts.ts';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const second = 1000;
const day = 24 * 60 * 60 * second;

/** The variables that the api reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  AWS_REGION: requiredText,
  STAGE: requiredText,
  JOBS_TABLE: requiredText,
  TENANTS_TABLE: requiredText,
  CONTENT_BUCKET: requiredText,
  DATA_BUCKET: requiredText,
  REPORT_QUEUE_URL: requiredText,
  AUDIT_LOG_GROUP: requiredText,
  AUDIT_LOG_STREAM: requiredText,
  BASE_URL: v.pipe(
    requiredText,
    v.url('is not a URL'),
    v.regex(/^https?:\/\/[^?#]*[^/?#]$/, 'ends in a slash or has a query'),
  ),
  TRUSTED_PRIVATE_HOSTS: trustedPrivateHostsSetting,
  TENANT_CACHE_SECONDS: wholeNumber({ min: 1, max: 3600, fallback: 60 }),
  EXECUTE_DEADLINE_SECONDS: wholeNumber({ min: 180, max: 86_400, fallback: 900 }),
  REQUEUE_AFTER_SECONDS: wholeNumber({ min: 10, max: 3600, fallback: 60 }),
  DEADLINE_MARGIN_SECONDS: wholeNumber({ min: 1, max: 600, fallback: 180 }),
  RETENTION_DAYS: wholeNumber({ min: 3, max: 3650, fallback: 90 }),
});

/** Half of an order's time at least is for working on it. */
const schema = v.pipe(
  settings,
  v.forward(
    v.check(
      (read) => read.EXECUTE_DEADLINE_SECONDS >= 2 * read.DEADLINE_MARGIN_SECONDS,
      'must be at least twice DEADLINE_MARGIN_SECONDS',
    ),
    ['EXECUTE_DEADLINE_SECONDS'],
  ),
);

/** The api's settings. Times in milliseconds, where the name does not say otherwise. */
export interface ApiConfig {
  /** The AWS region that the function runs in; Lambda sets it. */
  readonly region: string;
  /** Whose metrics the log carries. */
  readonly stage: string;
  readonly jobsTable: string;
  readonly tenantsTable: string;
  readonly contentBucket: string;
  readonly dataBucket: string;
  readonly queueUrl: string;
  /** Where audit events go. */
  readonly audit: LogDestination;
  /** The public address, without a slash at its end: every link in an answer is built from it. */
  readonly baseUrl: string;
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  readonly tenantCacheSeconds: number;
  readonly executeDeadline: number;
  readonly requeueAfter: number;
  readonly deadlineMargin: number;
  readonly retention: number;
}

/**
 * Reads the api's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readApiConfig = (environment: Environment = process.env): ApiConfig => {
  const read = readConfig(schema, environment);
  return {
    region: read.AWS_REGION,
    stage: read.STAGE,
    jobsTable: read.JOBS_TABLE,
    tenantsTable: read.TENANTS_TABLE,
    contentBucket: read.CONTENT_BUCKET,
    dataBucket: read.DATA_BUCKET,
    queueUrl: read.REPORT_QUEUE_URL,
    audit: { group: read.AUDIT_LOG_GROUP, stream: read.AUDIT_LOG_STREAM },
    baseUrl: read.BASE_URL,
    trustedPrivateHosts: read.TRUSTED_PRIVATE_HOSTS,
    tenantCacheSeconds: read.TENANT_CACHE_SECONDS,
    executeDeadline: read.EXECUTE_DEADLINE_SECONDS * second,
    requeueAfter: read.REQUEUE_AFTER_SECONDS * second,
    deadlineMargin: read.DEADLINE_MARGIN_SECONDS * second,
    retention: read.RETENTION_DAYS * day,
  };
};
