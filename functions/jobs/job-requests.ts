import type { TenantId } from '../auth/tenant.ts';
import { type BilledTime, currentVersion, isOpen, type Job, type NightImport, nextVersionId } from './job.ts';
import { conditions } from './job-conditions.ts';
import {
  jobKey,
  openTenantKey,
  shardOf,
  sweepShardOf,
  toExpiryAttribute,
  toJobItem,
  toNightImportAttribute,
  toTimeText,
  toVersionAttribute,
} from './job-item.ts';
import type { Ending, FailureGuard, JobStore } from './job-store.ts';

/** A write that is sent as it is. `TableName` is the store's to add. */
export interface JobUpdate {
  readonly Key: { readonly pk: string };
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues: Readonly<Record<string, unknown>>;
}

const status = { '#status': 'status' };

/** The put that records a new job. */
export const placeRequest = (job: Job) => ({ Item: toJobItem(job), ConditionExpression: conditions.isNew });

/** The update that takes a job. */
export const claimRequest = (
  tenantId: TenantId,
  binaryId: string,
  { lease, now, maxAttempts, deadlineMargin }: Parameters<JobStore['claim']>[2],
): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression:
    'SET #status = :running, leaseToken = :token, leaseUntil = :until, due = :until, started = if_not_exists(started, :now), attempts = attempts + :one REMOVE pausedUntil',
  ConditionExpression: conditions.isClaimable,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: {
    ':running': 'RUNNING',
    ':queued': 'QUEUED',
    ':token': lease.token,
    ':until': toTimeText(lease.until),
    ':now': toTimeText(now),
    ':one': 1,
    ':maxAttempts': maxAttempts,
    ':latest': toTimeText(lease.until + deadlineMargin),
  },
});

/** The update that prolongs a lease. */
export const renewRequest = (
  tenantId: TenantId,
  binaryId: string,
  { lease, due }: Parameters<JobStore['renew']>[2],
): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression: 'SET leaseUntil = :until, due = :due',
  ConditionExpression: conditions.isHeldBy,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: {
    ':running': 'RUNNING',
    ':token': lease.token,
    ':until': toTimeText(lease.until),
    ':due': toTimeText(due),
  },
});

const settingBilled = (billed: BilledTime | undefined): string => (billed === undefined ? '' : ', billed = :billed');
const billedValue = (billed: BilledTime | undefined) => (billed === undefined ? {} : { ':billed': billed });

/** A job that has ended leaves both indexes of open jobs and holds no lease. */
const closing = 'REMOVE leaseToken, leaseUntil, openShard, due, openTenant, pausedUntil';

const endingValues = ({ version, ended, billed }: Ending) => ({
  ':ended': toTimeText(ended),
  ':version': toVersionAttribute(version),
  ...billedValue(billed),
});

/** The update that ends a job with its report. */
export const completeRequest = (tenantId: TenantId, binaryId: string, token: string, ending: Ending): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression: `SET #status = :done, ended = :ended, versions.#version = :version${settingBilled(ending.billed)} ${closing}`,
  ConditionExpression: `${conditions.isHeldBy} AND ${conditions.isNewVersion}`,
  ExpressionAttributeNames: { ...status, '#version': String(ending.version.versionId) },
  ExpressionAttributeValues: { ':running': 'RUNNING', ':done': 'DONE', ':token': token, ...endingValues(ending) },
});

/** What `isAsSeen` compares with. An open job always has a `due`. */
const seenValues = (seen: Job) => ({
  ':seenStatus': seen.status,
  ':seenDue': seen.due === undefined ? '' : toTimeText(seen.due),
  ':seenAttempts': seen.attempts,
});

/** The update that ends a job with a failure. */
export const failRequest = (
  tenantId: TenantId,
  binaryId: string,
  guard: FailureGuard,
  ending: Parameters<JobStore['fail']>[3],
): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression: `SET #status = :failed, ended = :ended, failure = :failure, versions.#version = :version${settingBilled(ending.billed)} ${closing}`,
  ConditionExpression: `${guard.by === 'worker' ? conditions.isHeldBy : conditions.isAsSeen} AND ${conditions.isNewVersion}`,
  ExpressionAttributeNames: { ...status, '#version': String(ending.version.versionId) },
  ExpressionAttributeValues: {
    ':failed': 'FAILED',
    ':failure': ending.failure,
    ...endingValues(ending),
    ...(guard.by === 'worker' ? { ':running': 'RUNNING', ':token': guard.token } : seenValues(guard.seen)),
  },
});

/** The update that gives a lease back. */
export const relinquishRequest = (
  tenantId: TenantId,
  binaryId: string,
  token: string,
  { due, attempts, billed }: Parameters<JobStore['relinquish']>[3],
): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression: `SET #status = :queued, due = :due, pausedUntil = :due, attempts = :attempts${settingBilled(billed)} REMOVE leaseToken, leaseUntil`,
  ConditionExpression: conditions.isHeldBy,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: {
    ':running': 'RUNNING',
    ':queued': 'QUEUED',
    ':token': token,
    ':due': toTimeText(due),
    ':attempts': attempts,
    ...billedValue(billed),
  },
});

/** The update by which the dispatcher queues a job again. */
export const redriveRequest = (tenantId: TenantId, seen: Job, due: number): JobUpdate => ({
  Key: jobKey(tenantId, seen.binaryId),
  UpdateExpression:
    'SET #status = :queued, due = :due, redrives = :redrives REMOVE leaseToken, leaseUntil, pausedUntil',
  ConditionExpression: conditions.isAsSeen,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: {
    ':queued': 'QUEUED',
    ':due': toTimeText(due),
    ':redrives': seen.redrives + 1,
    ...seenValues(seen),
  },
});

/** What `isUnreleased` compares with, and when the job is looked at next. */
const unreleasedValues = ({ releaseAt }: Job, due: number) => ({
  ':queued': 'QUEUED',
  ':due': toTimeText(due),
  ':releaseAt': releaseAt === undefined ? '' : toTimeText(releaseAt),
});

/** The update that lets workers take a scheduled job. */
export const releaseRequest = (
  tenantId: TenantId,
  seen: Job,
  due: number,
  nightImport: NightImport | undefined,
): JobUpdate => ({
  Key: jobKey(tenantId, seen.binaryId),
  UpdateExpression: `SET due = :due${nightImport === undefined ? '' : ', nightImport = :nightImport'} REMOVE releaseAt`,
  ConditionExpression: conditions.isUnreleased,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: {
    ...unreleasedValues(seen, due),
    ...(nightImport === undefined ? {} : { ':nightImport': toNightImportAttribute(nightImport) }),
  },
});

/** The update that puts off the release of a scheduled job. */
export const postponeRequest = (tenantId: TenantId, seen: Job, releaseAt: number): JobUpdate => ({
  Key: jobKey(tenantId, seen.binaryId),
  UpdateExpression: 'SET due = :due, releaseAt = :due',
  ConditionExpression: conditions.isUnreleased,
  ExpressionAttributeNames: status,
  ExpressionAttributeValues: unreleasedValues(seen, releaseAt),
});

/**
 * The update that makes a failed job wait for workers again. Its versions stay, so the record that was seen is known by them: it had
 * this version, and none after it.
 */
export const reopenRequest = (
  tenantId: TenantId,
  seen: Job,
  { reopened, deadline, due }: Parameters<JobStore['reopen']>[2],
): JobUpdate => ({
  Key: jobKey(tenantId, seen.binaryId),
  UpdateExpression:
    'SET #status = :queued, reopened = :reopened, deadline = :deadline, due = :due, openShard = :shard, openTenant = :openTenant, attempts = :zero, redrives = :zero REMOVE failure, started, ended, releaseAt, pausedUntil',
  ConditionExpression: conditions.isFailedAsSeen,
  ExpressionAttributeNames: {
    ...status,
    '#seenVersion': String(currentVersion(seen).versionId),
    '#nextVersion': String(nextVersionId(seen)),
  },
  ExpressionAttributeValues: {
    ':queued': 'QUEUED',
    ':failed': 'FAILED',
    ':reopened': toTimeText(reopened),
    ':deadline': toTimeText(deadline),
    ':due': toTimeText(due),
    ':shard': shardOf(seen.binaryId),
    ':openTenant': openTenantKey(tenantId, seen.mode),
    ':zero': 0,
    ':expires': toExpiryAttribute(deadline),
  },
});

/** The update that deletes a Binary. The record stays until retention ends, so that its user is told 410. */
export const removeRequest = (
  tenantId: TenantId,
  seen: Job,
  { deletedAt, due }: Parameters<JobStore['remove']>[2],
): JobUpdate => ({
  Key: jobKey(tenantId, seen.binaryId),
  UpdateExpression: `SET #status = :status, deletedAt = :deletedAt, ended = if_not_exists(ended, :deletedAt), versions = :none, openShard = :shard, due = :due REMOVE leaseToken, leaseUntil, openTenant, pausedUntil`,
  ConditionExpression: conditions.isStillAsSeen,
  ExpressionAttributeNames: { ...status, '#nextVersion': String(nextVersionId(seen)) },
  ExpressionAttributeValues: {
    ':status': isOpen(seen) ? 'CANCELLED' : seen.status,
    ':deletedAt': toTimeText(deletedAt),
    ':none': {},
    ':shard': sweepShardOf(seen.binaryId),
    ':due': toTimeText(due),
    ':seenStatus': seen.status,
    ':seenAttempts': seen.attempts,
  },
});

/** The update that takes note of a finished erasure. */
export const markErasedRequest = (
  tenantId: TenantId,
  binaryId: string,
  { erasedAt, swept }: Parameters<JobStore['markErased']>[2],
): JobUpdate => ({
  Key: jobKey(tenantId, binaryId),
  UpdateExpression: `SET erasedAt = if_not_exists(erasedAt, :erasedAt)${swept ? ' REMOVE openShard, due' : ''}`,
  ConditionExpression: conditions.isDeleted,
  ExpressionAttributeValues: { ':erasedAt': toTimeText(erasedAt) },
});
