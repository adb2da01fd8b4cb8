import * as v from 'valibot';
import { type Environment, readConfig, requiredText, wholeNumber } from '../platform/read-config.ts';

const hour = 60 * 60_000;

/** The variables that the auditor reads, each with its form and default: docs/environment-variables.md is compared with them. */
export const settings = v.object({
  STAGE: requiredText,
  JOBS_TABLE: requiredText,
  CONTENT_BUCKET: requiredText,
  SAMPLED_RECORDS: wholeNumber({ min: 1, max: 10_000, fallback: 500 }),
  SAMPLED_BINARIES: wholeNumber({ min: 1, max: 20_000, fallback: 2000 }),
  ORPHAN_AGE_HOURS: wholeNumber({ min: 25, max: 720, fallback: 48 }),
  RETENTION_DAYS: wholeNumber({ min: 3, max: 3650, fallback: 90 }),
});

/** The auditor's settings. Times in milliseconds. */
export interface AuditorConfig {
  /** Whose metrics the log carries. */
  readonly stage: string;
  readonly jobsTable: string;
  readonly contentBucket: string;
  readonly sampledRecords: number;
  readonly sampledBinaries: number;
  readonly orphanAge: number;
  readonly retention: number;
}

/**
 * Reads the auditor's settings. Names, units and defaults: docs/environment-variables.md.
 *
 * @throws ConfigError that lists every problem
 */
export const readAuditorConfig = (environment: Environment = process.env): AuditorConfig => {
  const read = readConfig(settings, environment);
  return {
    stage: read.STAGE,
    jobsTable: read.JOBS_TABLE,
    contentBucket: read.CONTENT_BUCKET,
    sampledRecords: read.SAMPLED_RECORDS,
    sampledBinaries: read.SAMPLED_BINARIES,
    orphanAge: read.ORPHAN_AGE_HOURS * hour,
    retention: read.RETENTION_DAYS * 24 * hour,
  };
};
