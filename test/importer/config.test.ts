import { expect, test } from 'vitest';
import { readImporterConfig } from '../../functions/importer/config.ts';
import { ConfigError } from '../../functions/platform/read-config.ts';

const required = {
  AWS_REGION: 'eu-north-1',
  STAGE: 'test',
  IMPORTS_TABLE: 'imports',
  TENANTS_TABLE: 'tenants',
  DATA_BUCKET: 'data',
  IMPORT_QUEUE_URL: 'https://queue.test/imports',
  IMPORT_SECRETS_PREFIX: '/reporting/test/imports',
};

test('the settings have their defaults, in milliseconds', () => {
  expect(readImporterConfig(required)).toMatchObject({
    secretsPrefix: '/reporting/test/imports',
    tenantCacheSeconds: 60,
    lease: 120_000,
    maxAttempts: 8,
    retryAfter: 15_000,
    grace: 86_400_000,
  });
});

test('everything that is wrong is told at once', () => {
  const wrong = { ...required, IMPORTS_TABLE: '', IMPORT_SECRETS_PREFIX: 'imports/', IMPORT_LEASE_SECONDS: '2' };
  const problems = () => readImporterConfig(wrong);
  expect(problems).toThrow(ConfigError);
  expect(problems).toThrow(
    /IMPORTS_TABLE: is empty[\s\S]*IMPORT_SECRETS_PREFIX: must be a path[\s\S]*IMPORT_LEASE_SECONDS: must be at least 3/,
  );
});
