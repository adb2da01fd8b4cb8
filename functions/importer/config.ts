import * as v from 'valibot';
import { type TrustedPrivateHosts, trustedPrivateHostsSetting } from '../auth/trusted-private-hosts.ts';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const second = 1000;
const hour = 3600 * second;

/** The variables that the importer reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  AWS_REGION: requiredText,
  STAGE: requiredText,
  IMPORTS_TABLE: requiredText,
  TENANTS_TABLE: requiredText,
  DATA_BUCKET: requiredText,
  IMPORT_QUEUE_URL: requiredText,
  IMPORT_SECRETS_PREFIX: v.pipe(
    v.string('is missing'),
    v.regex(/^(?:\/[A-Za-z0-9_.-]+){1,8}$/, 'must be a path such as /reporting/prod/imports'),
  ),
  TRUSTED_PRIVATE_HOSTS: trustedPrivateHostsSetting,
  TENANT_CACHE_SECONDS: wholeNumber({ min: 1, max: 3600, fallback: 60 }),
  IMPORT_MAX_ATTEMPTS: wholeNumber({ min: 1, max: 50, fallback: 8 }),
  IMPORT_RETRY_AFTER_SECONDS: wholeNumber({ min: 1, max: 600, fallback: 15 }),
  DATA_SET_GRACE_HOURS: wholeNumber({ min: 1, max: 720, fallback: 24 }),
});

/** The importer's settings. Times in milliseconds, where the name does not say otherwise. */
export interface ImporterConfig {
  /** The AWS region that the function runs in; Lambda sets it. */
  readonly region: string;
  /** Whose metrics the log carries. */
  readonly stage: string;
  readonly importsTable: string;
  readonly tenantsTable: string;
  readonly dataBucket: string;
  readonly queueUrl: string;
  readonly secretsPrefix: string;
  readonly trustedPrivateHosts: TrustedPrivateHosts;
  readonly tenantCacheSeconds: number;
  readonly maxAttempts: number;
  readonly retryAfter: number;
  /** How long an older data set stays although newer ones are there. */
  readonly grace: number;
}

/**
 * Reads the importer's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readImporterConfig = (environment: Environment = process.env): ImporterConfig => {
  const read = readConfig(settings, environment);
  return {
    region: read.AWS_REGION,
    stage: read.STAGE,
    importsTable: read.IMPORTS_TABLE,
    tenantsTable: read.TENANTS_TABLE,
    dataBucket: read.DATA_BUCKET,
    queueUrl: read.IMPORT_QUEUE_URL,
    secretsPrefix: read.IMPORT_SECRETS_PREFIX,
    trustedPrivateHosts: read.TRUSTED_PRIVATE_HOSTS,
    tenantCacheSeconds: read.TENANT_CACHE_SECONDS,
    maxAttempts: read.IMPORT_MAX_ATTEMPTS,
    retryAfter: read.IMPORT_RETRY_AFTER_SECONDS * second,
    grace: read.DATA_SET_GRACE_HOURS * hour,
  };
};
