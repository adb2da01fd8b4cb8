import * as v from 'valibot';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const hour = 60 * 60_000;

/** The variables that the cleaner reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  STAGE: requiredText,
  JOBS_TABLE: requiredText,
  CONTENT_BUCKET: requiredText,
  // An order that is repeated with its idempotency key may bring its job 24 hours after the Binary's id was made.
  ORPHAN_AGE_HOURS: wholeNumber({ min: 25, max: 720, fallback: 48 }),
});

/** The cleaner's settings. Times in milliseconds. */
export interface CleanerConfig {
  /** Whose metrics the log carries. */
  readonly stage: string;
  readonly jobsTable: string;
  readonly contentBucket: string;
  /** From an order to the first look at what is stored for it. */
  readonly orphanAge: number;
}

/**
 * Reads the cleaner's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readCleanerConfig = (environment: Environment = process.env): CleanerConfig => {
  const read = readConfig(settings, environment);
  return {
    stage: read.STAGE,
    jobsTable: read.JOBS_TABLE,
    contentBucket: read.CONTENT_BUCKET,
    orphanAge: read.ORPHAN_AGE_HOURS * hour,
  };
};
