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
    maxAttempts: 8,
    retryAfter: 15_000,
    grace: 86_400_000,
  });
});

test('everything that is wrong is told at once', () => {
  const wrong = { ...required, IMPORTS_TABLE: '', IMPORT_SECRETS_PREFIX: 'imports/', IMPORT_MAX_ATTEMPTS: '0' };
  const problems = () => readImporterConfig(wrong);
  expect(problems).toThrow(ConfigError);
  expect(problems).toThrow(
    /IMPORTS_TABLE: is empty[\s\S]*IMPORT_SECRETS_PREFIX: must be a path[\s\S]*IMPORT_MAX_ATTEMPTS: must be at least 1/,
  );
});
