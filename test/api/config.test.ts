import { expect, test } from 'vitest';
import { readApiConfig } from '../../functions/api/config.ts';

const complete = {
  AWS_REGION: 'eu-north-1',
  STAGE: 'prod',
  JOBS_TABLE: 'jobs',
  TENANTS_TABLE: 'tenants',
  CONTENT_BUCKET: 'content',
  DATA_BUCKET: 'data',
  REPORT_QUEUE_URL: 'https://queue',
  AUDIT_LOG_GROUP: 'audit',
  AUDIT_LOG_STREAM: 'api',
  BASE_URL: 'https://reporting.example/fhir',
};

test('times come in milliseconds, with the documented defaults', () => {
  expect(readApiConfig(complete)).toMatchObject({
    region: 'eu-north-1',
    baseUrl: 'https://reporting.example/fhir',
    tenantCacheSeconds: 60,
    executeDeadline: 900_000,
    requeueAfter: 60_000,
    deadlineMargin: 180_000,
    retention: 7_776_000_000,
  });
});

test('A57: everything that is missing is named at once', () => {
  expect(() => readApiConfig({})).toThrow(
    /AWS_REGION: is missing\n.*STAGE: is missing\n.*JOBS_TABLE: is missing\n.*TENANTS_TABLE: is missing\n.*CONTENT_BUCKET: is missing\n.*DATA_BUCKET: is missing\n.*REPORT_QUEUE_URL: is missing\n.*AUDIT_LOG_GROUP: is missing\n.*AUDIT_LOG_STREAM: is missing\n.*BASE_URL: is missing/,
  );
});

test.each([
  'reporting.example',
  'https://reporting.example/fhir/',
  'https://reporting.example/fhir?x=1',
  'ftp://x/fhir',
])('%s is no public address', (BASE_URL) => {
  expect(() => readApiConfig({ ...complete, BASE_URL })).toThrow(/BASE_URL: /);
});

test('a deadline that leaves no time to work is refused', () => {
  const settings = { ...complete, EXECUTE_DEADLINE_SECONDS: '180', DEADLINE_MARGIN_SECONDS: '91' };
  expect(() => readApiConfig(settings)).toThrow(
    'EXECUTE_DEADLINE_SECONDS: must be at least twice DEADLINE_MARGIN_SECONDS',
  );
});
