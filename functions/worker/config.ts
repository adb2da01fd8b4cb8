import * as v from 'valibot';
import { type TrustedPrivateHosts, trustedPrivateHostsSetting } from '../auth/trusted-private-hosts.ts';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const second = 1000;

/** The variables that the worker reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  AWS_REGION: requiredText,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber({ min: 128, max: 10_240, fallback: 1769 }),
  STAGE: requiredText,
  JOBS_TABLE: requiredText,
  TENANTS_TABLE: requiredText,
  CONTENT_BUCKET: requiredText,
  DATA_BUCKET: requiredText,
  TRUSTED_PRIVATE_HOSTS: trustedPrivateHostsSetting,
  TENANT_CACHE_SECONDS: wholeNumber({ min: 1, max: 3600, fallback: 60 }),
  LEASE_SECONDS: wholeNumber({ min: 3, max: 600, fallback: 60 }),
  MAX_ATTEMPTS: wholeNumber({ min: 1, max: 20, fallback: 4 }),
  RETRY_AFTER_SECONDS: wholeNumber({ min: 1, max: 600, fallback: 15 }),
  DEADLINE_MARGIN_SECONDS: wholeNumber({ min: 1, max: 600, fallback: 180 }),
});

/** A job that is taken just before it is to be ended is looked at again when its lease ends: that has to be before its deadline. */
const schema = v.pipe(
  settings,
  v.forward(
    v.check((read) => read.LEASE_SECONDS <= read.DEADLINE_MARGIN_SECONDS, 'must not exceed DEADLINE_MARGIN_SECONDS'),
    ['LEASE_SECONDS'],
  ),
);

/** The worker's settings. Times in milliseconds, where the name does not say otherwise. */
export interface WorkerConfig {
  /** The AWS region that the function runs in; Lambda sets it. */
  readonly region: string;
  /** Whose metrics the log carries. */
  readonly stage: string;
  /** MB, as Lambda gives it: half of what it charges for. */
  readonly memory: number;
  readonly jobsTable: string;
  readonly tenantsTable: string;
  readonly contentBucket: string;
  readonly dataBucket: string;
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  readonly tenantCacheSeconds: number;
  readonly lease: number;
  readonly maxAttempts: number;
  readonly retryAfter: number;
  readonly deadlineMargin: number;
}

/**
 * Reads the worker's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readWorkerConfig = (environment: Environment = process.env): WorkerConfig => {
  const read = readConfig(schema, environment);
  return {
    region: read.AWS_REGION,
    memory: read.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    stage: read.STAGE,
    jobsTable: read.JOBS_TABLE,
    tenantsTable: read.TENANTS_TABLE,
    contentBucket: read.CONTENT_BUCKET,
    dataBucket: read.DATA_BUCKET,
    trustedPrivateHosts: read.TRUSTED_PRIVATE_HOSTS,
    tenantCacheSeconds: read.TENANT_CACHE_SECONDS,
    lease: read.LEASE_SECONDS * second,
    maxAttempts: read.MAX_ATTEMPTS,
    retryAfter: read.RETRY_AFTER_SECONDS * second,
    deadlineMargin: read.DEADLINE_MARGIN_SECONDS * second,
  };
};
