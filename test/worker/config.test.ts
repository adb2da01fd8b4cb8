import { expect, test } from 'vitest';
import { readWorkerConfig } from '../../functions/worker/config.ts';

const complete = {
  AWS_REGION: 'eu-north-1',
  STAGE: 'prod',
  JOBS_TABLE: 'jobs',
  TENANTS_TABLE: 'tenants',
  CONTENT_BUCKET: 'content',
  DATA_BUCKET: 'data',
};

test('times come in milliseconds, with the documented defaults', () => {
  expect(readWorkerConfig(complete)).toMatchObject({
    region: 'eu-north-1',
    lease: 60_000,
    maxAttempts: 4,
    retryAfter: 15_000,
    deadlineMargin: 180_000,
    tenantCacheSeconds: 60,
  });
});

test('a lease longer than the margin before the deadline is refused', () => {
  expect(() => readWorkerConfig({ ...complete, LEASE_SECONDS: '181' })).toThrow(
    'LEASE_SECONDS: must not exceed DEADLINE_MARGIN_SECONDS',
  );
});

test('A57: everything that is missing is named at once', () => {
  expect(() => readWorkerConfig({ MAX_ATTEMPTS: '0' })).toThrow(
    /AWS_REGION: .*\n.*STAGE: .*\n.*JOBS_TABLE: .*\n.*TENANTS_TABLE: .*\n.*CONTENT_BUCKET: .*\n.*DATA_BUCKET: .*\n.*MAX_ATTEMPTS: /,
  );
});
