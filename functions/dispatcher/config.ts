import * as v from 'valibot';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const second = 1000;

/** The variables that the dispatcher reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  STAGE: requiredText,
  JOBS_TABLE: requiredText,
  IMPORTS_TABLE: requiredText,
  CONTENT_BUCKET: requiredText,
  REPORT_QUEUE_URL: requiredText,
  DEAD_LETTER_QUEUE_URL: requiredText,
  MAX_ATTEMPTS: wholeNumber({ min: 1, max: 20, fallback: 4 }),
  REQUEUE_AFTER_SECONDS: wholeNumber({ min: 10, max: 3600, fallback: 60 }),
  DEADLINE_MARGIN_SECONDS: wholeNumber({ min: 1, max: 600, fallback: 180 }),
  JOBS_PER_TICK: wholeNumber({ min: 8, max: 10_000, fallback: 800 }),
});

/** The dispatcher's settings. Times in milliseconds. */
export interface DispatcherConfig {
  /** Whose metrics the log carries. */
  readonly stage: string;
  readonly jobsTable: string;
  readonly importsTable: string;
  readonly contentBucket: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly maxAttempts: number;
  readonly requeueAfter: number;
  readonly deadlineMargin: number;
  /** The most jobs that one round of a tick deals with. */
  readonly jobsPerTick: number;
}

/**
 * Reads the dispatcher's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readDispatcherConfig = (environment: Environment = process.env): DispatcherConfig => {
  const read = readConfig(settings, environment);
  return {
    stage: read.STAGE,
    jobsTable: read.JOBS_TABLE,
    importsTable: read.IMPORTS_TABLE,
    contentBucket: read.CONTENT_BUCKET,
    queueUrl: read.REPORT_QUEUE_URL,
    deadLetterQueueUrl: read.DEAD_LETTER_QUEUE_URL,
    maxAttempts: read.MAX_ATTEMPTS,
    requeueAfter: read.REQUEUE_AFTER_SECONDS * second,
    deadlineMargin: read.DEADLINE_MARGIN_SECONDS * second,
    jobsPerTick: read.JOBS_PER_TICK,
  };
};
