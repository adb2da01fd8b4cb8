import { describeFailedVersion } from '../jobs/failed-version.ts';
import {
  addBilledTime,
  attemptsExhausted,
  type BilledTime,
  type Job,
  type JobFailure,
  type JobRules,
} from '../jobs/job.ts';
import type { JobMessage } from '../jobs/job-message.ts';
import { type RetryRules, retryAt, retryUncountedAt } from '../jobs/pauses.ts';
import { addToPace, type ReportPaceStore } from '../jobs/report-pace.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import type { Ids } from '../platform/ids.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import { type GenerationDependencies, generateReport, type StoredReport } from './generate-report.ts';
import { holdLease, type LeaseDependencies, LeaseLost } from './hold-lease.ts';

/** What working on a job needs. */
export interface JobDependencies extends LeaseDependencies, GenerationDependencies {
  readonly pace: ReportPaceStore;
  readonly ids: Ids;
  readonly logger: Logger;
  /** `memory` of the worker in MB; without it nobody counts what attempts are billed for. */
  readonly rules: Pick<JobRules, 'lease' | 'maxAttempts'> & RetryRules & { readonly memory?: number };
}

/** What becomes of a message: it is done with, or the queue is to deliver it again and in the end to set it aside. */
export type MessageOutcome = 'done' | 'retry';

interface Attempt {
  readonly job: Job;
  readonly token: string;
  /** When this attempt took the job; its first one, counted or not, did so when the job `started`. */
  readonly claimed: number;
}

/** The least time that an attempt is worth, and what is kept back of the function's time to give it up in good order. */
const reserveMillis = 30_000;

const logIds = ({ job }: Attempt) => ({
  tenant: job.tenantId,
  binaryId: job.binaryId,
  jobId: job.jobId,
  attempt: job.attempts,
});

/** What a request of ours that is malformed says of the job. Clients see it. */
const ownFault: JobFailure = {
  code: 'JOB_FAULT',
  cause: 'A fault of the service, which another attempt would meet again. The operator finds it in the log.',
};

/** Why an attempt's error ends the job, or undefined where another attempt may help. */
const toFinalFailure = (error: unknown, { job }: Attempt, maxAttempts: number): JobFailure | undefined => {
  if (isRefusal(error)) return undefined;
  const isLast = job.attempts >= maxAttempts;
  if (!(error instanceof ServiceError)) return isLast ? attemptsExhausted(job.attempts) : undefined;
  const { code, retry, details } = error;
  if (retry === 'later' && !isLast) return undefined;
  if (code === 'DEPENDENCY_MISUSED') return ownFault;
  if (details.cause !== undefined) return { code, cause: details.cause };
  return retry === 'later' ? attemptsExhausted(job.attempts) : { code, cause: 'The operator finds more in the log.' };
};

/** What the job's attempts were billed for, up to now. */
const countBilledTime = ({ rules }: JobDependencies, { job, claimed }: Attempt, now: number): BilledTime | undefined =>
  rules.memory === undefined ? undefined : addBilledTime(job.billed, Math.max(now - claimed, 0), rules.memory);

const failJob = async (
  dependencies: JobDependencies,
  attempt: Attempt,
  failure: JobFailure,
  reason: string | undefined,
): Promise<void> => {
  const { jobs, clock, logger } = dependencies;
  const { job, token } = attempt;
  const ended = clock.now();
  const billed = countBilledTime(dependencies, attempt, ended);
  const version = describeFailedVersion(job, failure, token, ended);
  const guard = { by: 'worker', token } as const;
  const { outcome } = await jobs.fail(job.tenantId, job.binaryId, guard, { version, ended, failure, billed });
  if (outcome === 'conflict') logger.log('JOB_LEASE_LOST', logIds(attempt));
  else {
    const { gigabyteSeconds } = billed ?? {};
    logger.log('JOB_FAILED', { ...logIds(attempt), errorCode: failure.code, reason, gigabyteSeconds });
  }
};

/** An attempt that ended in an error before anything was recorded: the job ends, or goes back to the queue. */
const settleFailedAttempt = async (dependencies: JobDependencies, attempt: Attempt, error: unknown): Promise<void> => {
  const { jobs, clock, logger, rules } = dependencies;
  const { job, token } = attempt;
  if (error instanceof LeaseLost) return logger.log('JOB_LEASE_LOST', logIds(attempt));
  const description = describeError(error);
  const failure = toFinalFailure(error, attempt, rules.maxAttempts);
  if (failure !== undefined) return failJob(dependencies, attempt, failure, description.reason);
  const giveBack = (due: number, attempts: number) =>
    jobs.relinquish(job.tenantId, job.binaryId, token, {
      due,
      attempts,
      billed: countBilledTime(dependencies, attempt, clock.now()),
    });
  if (isRefusal(error)) {
    // No attempt can help until an operator has, so none is used up; the job's deadline bounds them.
    logger.log('DEPENDENCY_REFUSED', { ...logIds(attempt), reason: description.reason });
    await giveBack(retryUncountedAt(job, clock.now(), rules), job.attempts - 1);
    return;
  }
  const errorCode = error instanceof ServiceError ? error.code : undefined;
  logger.log('JOB_ATTEMPT_FAILED', { ...logIds(attempt), errorCode, ...description });
  await giveBack(retryAt(job, clock.now(), rules), job.attempts);
};

/** Tells later readers how long reports take. The job has ended, so a failure of this changes nothing. */
const notePace = async ({ pace, logger }: JobDependencies, { job, claimed }: Attempt, ended: number): Promise<void> => {
  const { tenantId, binaryId, jobId, report } = job;
  // Pauses between attempts say nothing of how long a report takes.
  if (job.started !== claimed) return;
  try {
    await pace.write(tenantId, report, addToPace(await pace.read(tenantId, report), job, ended));
  } catch (error) {
    const reason = error instanceof ServiceError ? error.details.reason : undefined;
    const { errorName } = describeError(error);
    logger.log('PACE_NOT_WRITTEN', { tenant: tenantId, binaryId, jobId, reason, errorName });
  }
};

const completeJob = async (
  dependencies: JobDependencies,
  attempt: Attempt,
  { version, episodes, summary }: StoredReport,
): Promise<void> => {
  const { jobs, clock, logger } = dependencies;
  const { job, token } = attempt;
  const ended = clock.now();
  const billed = countBilledTime(dependencies, attempt, ended);
  const { outcome } = await jobs.complete(job.tenantId, job.binaryId, token, { version, ended, billed });
  if (outcome === 'conflict') return logger.log('JOB_LEASE_LOST', logIds(attempt));
  const milliseconds = ended - (job.started ?? ended);
  const { gigabyteSeconds } = billed ?? {};
  const made = { milliseconds, bytes: version.bytes, episodes, summary, gigabyteSeconds };
  logger.log('JOB_DONE', { ...logIds(attempt), ...made });
  await notePace(dependencies, attempt, ended);
};

/**
 * One attempt. Once a write that ends the job has failed without an answer, nothing is known and nothing more is done: the lease runs
 * out, and the dispatcher looks at what there is.
 */
const runAttempt = async (dependencies: JobDependencies, attempt: Attempt, available: number): Promise<void> => {
  const { logger } = dependencies;
  const { job, token } = attempt;
  try {
    const settle = await holdLease(dependencies, { job, token, available }, (signal) =>
      generateReport(dependencies, job, token, signal),
    ).then(
      (report) => () => completeJob(dependencies, attempt, report),
      (error: unknown) => () => settleFailedAttempt(dependencies, attempt, error),
    );
    await settle();
  } catch (error) {
    if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { ...logIds(attempt), reason: error.details.reason });
    logger.log('JOB_OUTCOME_UNKNOWN', { ...logIds(attempt), ...describeError(error) });
  }
};

/**
 * Works on the job that a message names, if it needs work: claims it, makes the report, ends it. However often a message is
 * delivered, a job has one result (invariant I5).
 *
 * @param remaining how long the function may still run, in milliseconds
 * @returns `retry` where the function has no time left for an attempt, or there is no such job
 */
export const processJob = async (
  dependencies: JobDependencies,
  { tenantId, binaryId }: JobMessage,
  remaining: number,
): Promise<MessageOutcome> => {
  const { jobs, ids, clock, logger, rules } = dependencies;
  if (remaining <= reserveMillis) return 'retry';
  const now = clock.now();
  const lease = { token: ids.uuid(), until: now + rules.lease };
  const { maxAttempts, deadlineMargin } = rules;
  const claim = await jobs.claim(tenantId, binaryId, { lease, now, maxAttempts, deadlineMargin });
  if (claim.outcome === 'conflict') {
    logger.log('JOB_NOT_CLAIMED', { tenant: tenantId, binaryId, status: claim.job?.status ?? 'unknown' });
    return claim.job === undefined ? 'retry' : 'done';
  }
  const attempt = { job: claim.job, token: lease.token, claimed: now };
  logger.log('JOB_CLAIMED', logIds(attempt));
  await runAttempt(dependencies, attempt, Math.max(remaining - reserveMillis, 0));
  return 'done';
};
