import { createHash } from 'node:crypto';
import type { JobItem, VersionAttribute } from '../../functions/jobs/job-item.ts';
import type { Item } from './stores/compile-expression.ts';
import type { InMemoryBucket } from './stores/in-memory-bucket.ts';
import type { Invariant } from './violation.ts';

/** What is known of a job beside its record. All times are the true ones. */
export interface JobFacts {
  readonly placed: number;
  /** When it became DONE, FAILED or CANCELLED. */
  ended?: number | undefined;
  /** How often a worker took it, and how often an operator has reopened it. */
  claims: number;
  reopenings: number;
  /** When nobody may read it any more. */
  deleted?: number;
}

/** What a watch needs. */
export interface WatchSurroundings {
  now(): number;
  readonly content: InMemoryBucket;
  readonly maxAttempts: number;
  /** Jobs are ended this long before their deadline, in milliseconds. */
  readonly deadlineMargin: number;
  /** How far any two clocks may be apart, in milliseconds. */
  readonly clockSpread: number;
  /** Until when the dispatcher or the table could not do their part, as far as is known; milliseconds since the epoch. */
  disturbedUntil(): number;
  violate(invariant: Invariant, text: string): void;
  /** Called when a job has failed. */
  failed(job: JobItem): void;
}

/** From the end of a disturbance, or the deadline, to the end of every job: a tick, its work, and an index that is a little late. */
export const grace = 150_000;

const final = new Set(['DONE', 'FAILED', 'CANCELLED']);
/** The order's and the report's; each reopening may add another. */
const mostVersions = 2;

/** What never changes. */
const lasting = ['tenant', 'owner', 'userId', 'jobId', 'created'] as const;

const isJob = (item: Item | undefined): boolean => item?.['jobId'] !== undefined && item['status'] !== undefined;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Looks at every write to the jobs table, as it is applied. */
export const createRecordWatch = (surroundings: WatchSurroundings) => {
  const { now, content, maxAttempts, clockSpread, violate } = surroundings;
  const facts = new Map<string, JobFacts>();

  const checkBytes = ({ pk }: JobItem, number: string, version: VersionAttribute): void => {
    const { content: place } = version;
    if (place.kind === 'inline') {
      if (sha256(Buffer.from(place.base64, 'base64')) !== version.sha256) violate('I3', `${pk} carries other bytes`);
      return;
    }
    const [tenant, binaryId] = pk.split('#');
    if (!place.key.startsWith(`${tenant}/Binary/${binaryId}/`)) violate('I4', `${pk} names bytes of another Binary`);
    const stored = content.objects.get(place.key);
    if (stored === undefined) violate('I3', `version ${number} of ${pk} is recorded without its bytes`);
    else if (sha256(stored.bytes) !== version.sha256) violate('I3', `version ${number} of ${pk} has other bytes`);
  };

  const checkVersions = (before: JobItem | undefined, after: JobItem, most: number): void => {
    const { pk } = after;
    const known = Object.entries(before?.versions ?? {});
    const numbers = Object.keys(after.versions);
    if (after.deletedAt !== undefined) {
      if (numbers.length > 0) violate('I12', `${pk} is deleted and has versions`);
      return;
    }
    if (numbers.length === 0) violate('I3', `${pk} is recorded without a version`);
    for (const [number, version] of known) {
      if (after.versions[number] !== version) violate('I2', `version ${number} of ${pk} was changed`);
    }
    if (numbers.length > most) violate('I5', `${pk} has ${numbers.length} versions`);
    if (numbers.some((number, at) => number !== String(at + 1))) violate('I2', `${pk} has versions ${numbers}`);
    for (const number of numbers.slice(known.length))
      checkBytes(after, number, after.versions[number] as VersionAttribute);
  };

  /** I7: what has ended stays so, save that an operator may have a failed job done once more. */
  const checkFinality = (before: JobItem, after: JobItem, isReopened: boolean): void => {
    const { pk } = after;
    if (final.has(before.status) && before.status !== after.status && !isReopened) {
      violate('I7', `${pk} went from ${before.status} to ${after.status}`);
    }
    if (before.deletedAt !== undefined && before.deletedAt !== after.deletedAt) violate('I7', `${pk} was undeleted`);
  };

  const checkStep = (before: JobItem, after: JobItem): void => {
    const { pk } = after;
    const isReopened = before.status === 'FAILED' && after.status === 'QUEUED' && before.reopened !== after.reopened;
    for (const name of isReopened ? lasting : ([...lasting, 'deadline'] as const)) {
      if (before[name] !== after[name]) violate('I4', `${name} of ${pk} was changed`);
    }
    checkFinality(before, after, isReopened);
    if (after.attempts > before.attempts) checkClaim(before, after);
    if (before.status === 'RUNNING' && after.status === 'DONE') {
      const [last] = Object.values(after.versions).toReversed();
      if (last?.writer !== before.leaseToken) violate('I5', `${pk} was completed by somebody without its lease`);
    }
  };

  const checkClaim = (before: JobItem, after: JobItem): void => {
    const { pk } = after;
    if (after.attempts > maxAttempts) violate('I8', `${pk} has ${after.attempts} attempts`);
    if (before.releaseAt !== undefined) violate('I5', `${pk} was taken before it was released`);
    if (before.status !== 'RUNNING' || before.leaseUntil === undefined) return;
    if (Date.parse(before.leaseUntil) > now() + clockSpread) violate('I5', `a living lease of ${pk} was taken over`);
  };

  const checkEnd = (after: JobItem): void => {
    const { pk, status, failure, attempts } = after;
    const latest = Math.max(Date.parse(after.deadline), surroundings.disturbedUntil() + grace);
    if (now() > latest) violate('I1', `${pk} ended ${Math.round((now() - latest) / 1000)} s too late, as ${status}`);
    if (status !== 'FAILED') return;
    const isExhausted = failure?.code === 'JOB_ATTEMPTS_EXHAUSTED';
    if (isExhausted && attempts < maxAttempts) violate('I7', `${pk} failed for ${attempts} attempts`);
    const early = Date.parse(after.deadline) - now();
    if (failure?.code === 'JOB_DEADLINE_PASSED' && early > surroundings.deadlineMargin + clockSpread)
      violate('I7', `${pk} failed too early`);
  };

  /** What is known of a job, with what this write adds to it. */
  const note = (before: JobItem | undefined, after: JobItem): JobFacts => {
    const known = facts.get(after.pk) ?? { placed: now(), claims: 0, reopenings: 0 };
    facts.set(after.pk, known);
    if (before?.reopened !== after.reopened) {
      known.reopenings += 1;
      known.ended = undefined;
    }
    if (after.attempts > (before?.attempts ?? 0)) known.claims += 1;
    if (after.deletedAt !== undefined) known.deleted ??= now();
    return known;
  };

  return {
    /** By the record's key. */
    facts,
    written(beforeItem: Item | undefined, afterItem: Item | undefined): void {
      if (afterItem === undefined && isJob(beforeItem)) violate('I6', `the record ${beforeItem?.['pk']} is gone`);
      if (!isJob(afterItem)) return;
      const before = beforeItem as JobItem | undefined;
      const after = afterItem as unknown as JobItem;
      const known = note(before, after);
      checkVersions(before, after, mostVersions + known.reopenings);
      if (before !== undefined) checkStep(before, after);
      if (!final.has(after.status) || known.ended !== undefined) return;
      known.ended = now();
      checkEnd(after);
      if (after.status === 'FAILED') surroundings.failed(after);
    },
  };
};

/** Looks at every change in the content store, as it is applied: all lies below a tenant, and what a record names stays. */
export const createContentWatch =
  (records: () => ReadonlyMap<string, Item>, violate: WatchSurroundings['violate']) =>
  (
    key: string,
    before: { readonly bytes: Uint8Array } | undefined,
    after: { readonly bytes: Uint8Array } | undefined,
  ): void => {
    if (!/^(?:north|south)\/(?:Binary|Summary)\//.test(key))
      violate('I4', `what is stored under ${key} is no tenant's`);
    if (before === undefined) return;
    const [tenant, , binaryId] = key.split('/');
    const record = records().get(`${tenant}#${binaryId}`) as JobItem | undefined;
    const isNamed = Object.values(record?.versions ?? {}).some(
      ({ content }) => content.kind === 'stored' && content.key === key,
    );
    if (!isNamed) return;
    if (after === undefined) violate('I3', `bytes that a record names were erased: ${key}`);
    else if (!Buffer.from(before.bytes).equals(after.bytes))
      violate('I2', `bytes that a record names were changed: ${key}`);
  };
