import { expect, test } from 'vitest';
import { readDispatcherConfig } from '../../functions/dispatcher/config.ts';

test('times come in milliseconds, with the documented defaults', () => {
  expect(
    readDispatcherConfig({
      STAGE: 'prod',
      JOBS_TABLE: 'jobs',
      CONTENT_BUCKET: 'content',
      REPORT_QUEUE_URL: 'https://queue',
      DEAD_LETTER_QUEUE_URL: 'https://dead',
      IMPORTS_TABLE: 'imports',
    }),
  ).toEqual({
    stage: 'prod',
    jobsTable: 'jobs',
    importsTable: 'imports',
    contentBucket: 'content',
    queueUrl: 'https://queue',
    deadLetterQueueUrl: 'https://dead',
    maxAttempts: 4,
    requeueAfter: 60_000,
    deadlineMargin: 180_000,
    jobsPerTick: 800,
  });
});

test('A57: everything that is missing is named at once', () => {
  expect(() => readDispatcherConfig({})).toThrow(
    /STAGE: is missing\n.*JOBS_TABLE: is missing\n.*IMPORTS_TABLE: is missing\n.*CONTENT_BUCKET: is missing\n.*REPORT_QUEUE_URL: is missing\n.*DEAD_LETTER_QUEUE_URL: is missing/,
  );
});
