import { expect, test } from 'vitest';
import { readAuditorConfig } from '../../functions/auditor/config.ts';

const required = { STAGE: 'prod', JOBS_TABLE: 'jobs', CONTENT_BUCKET: 'content' };
const day = 24 * 60 * 60_000;

test('times come in milliseconds, with the documented defaults', () => {
  expect(readAuditorConfig(required)).toEqual({
    stage: 'prod',
    jobsTable: 'jobs',
    contentBucket: 'content',
    sampledRecords: 500,
    sampledBinaries: 2000,
    orphanAge: 2 * day,
    retention: 90 * day,
  });
});

test('A57: everything that is missing or out of bounds is named at once', () => {
  expect(() => readAuditorConfig({ SAMPLED_RECORDS: '0' })).toThrow(
    /STAGE: is missing\n.*JOBS_TABLE: is missing\n.*CONTENT_BUCKET: is missing\n.*SAMPLED_RECORDS: must be at least 1/,
  );
});
