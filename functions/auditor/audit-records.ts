import type { BinaryVersion } from '../binaries/binary.ts';
import { sha256Hex } from '../binaries/binary.ts';
import type { BinaryContent } from '../binaries/binary-content.ts';
import { expiryOf } from '../jobs/expiry-of.ts';
import { isOpen, type Job } from '../jobs/job.ts';
import type { JobSample, SampledRecord } from '../jobs/job-sample.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { Finding, FindingKind, Findings } from './findings.ts';

/** What auditing records needs. */
export interface RecordAuditDependencies {
  readonly sample: JobSample;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly content: Pick<BinaryContent, 'get'>;
  readonly clock: Clock;
  /** How long a Binary is kept, in milliseconds. */
  readonly rules: { readonly retention: number };
}

/** What was looked at. */
export interface RecordAudit {
  records: number;
  /** Versions whose bytes were hashed. */
  versions: number;
  /** How many bytes these were. */
  bytes: number;
}

/** After its deadline a job is ended by the tick that follows; a quarter of an hour later none is left. In milliseconds. */
export const overdueAfter = 15 * 60_000;

/** Larger versions are not read: memory is that of four of them. */
const mostBytes = 32 * 1024 * 1024;

/** How many records are looked at side by side. */
const width = 4;

/** A finding about a record. */
export const findingOf = (kind: FindingKind, job: Job, versionId?: number): Finding => ({
  kind,
  tenant: job.tenantId,
  binaryId: job.binaryId,
  jobId: job.jobId,
  ...(versionId === undefined ? {} : { versionId }),
});

/** Whether a job that has not ended should have. */
export const isOverdue = (job: Job, now: number): boolean => isOpen(job) && job.deadline + overdueAfter <= now;

const readBytes = async (
  { content }: RecordAuditDependencies,
  job: Job,
  version: BinaryVersion,
): Promise<Uint8Array | undefined> => {
  if (version.content.kind === 'inline') return Buffer.from(version.content.base64, 'base64');
  try {
    return await content.get(job.tenantId, version.content.key);
  } catch (error) {
    if (error instanceof ServiceError && error.details.reason === 'content-missing') return undefined;
    throw error;
  }
};

const auditJob = async (dependencies: RecordAuditDependencies, job: Job, audit: RecordAudit): Promise<Finding[]> => {
  const { clock, rules } = dependencies;
  const now = clock.now();
  const findings = isOverdue(job, now) ? [findingOf('job-overdue', job)] : [];
  // Past its retention a record outlives its bytes, which the bucket removes.
  const isKept = expiryOf(job, rules.retention) > now;
  const versions = isKept ? job.versions.filter(({ bytes }) => bytes <= mostBytes) : [];
  for (const version of versions) {
    const bytes = await readBytes(dependencies, job, version);
    audit.versions += 1;
    audit.bytes += bytes?.length ?? 0;
    if (bytes === undefined) findings.push(findingOf('bytes-missing', job, version.versionId));
    else if (bytes.length !== version.bytes || sha256Hex(bytes) !== version.sha256) {
      findings.push(findingOf('bytes-differ', job, version.versionId));
    }
  }
  return findings;
};

const describeUnreadable = (key: string): Finding => {
  const [tenant = '', binaryId = ''] = key.split('#');
  return { kind: 'record-unreadable', tenant, binaryId };
};

/** What looks wrong is looked at once more, with the record as it is now: it may have been deleted or ended meanwhile. */
const auditRecord = async (
  dependencies: RecordAuditDependencies,
  { key, job }: SampledRecord,
  audit: RecordAudit,
): Promise<Finding[]> => {
  if (job === undefined) return [describeUnreadable(key)];
  audit.records += 1;
  const first = await auditJob(dependencies, job, audit);
  if (first.length === 0) return [];
  const now = await dependencies.jobs.read(job.tenantId, job.binaryId);
  return now === undefined ? [] : auditJob(dependencies, now, { records: 0, versions: 0, bytes: 0 });
};

/**
 * Compares a sample of records with the bytes that they name (I3), and looks whether their jobs have ended in time (I1).
 *
 * @param limit of the sample, in records
 * @param stopAt when to stop, in milliseconds since the epoch
 * @returns what was looked at, and whether it was the whole sample
 * @throws ServiceError when table or bucket do not answer
 */
export const auditRecords = async (
  dependencies: RecordAuditDependencies,
  findings: Findings,
  limit: number,
  stopAt: number,
): Promise<{ readonly audit: RecordAudit; readonly isCutShort: boolean }> => {
  const audit: RecordAudit = { records: 0, versions: 0, bytes: 0 };
  const found = dependencies.sample.records(limit)[Symbol.asyncIterator]();
  let isCutShort = false;
  const work = async () => {
    for (let next = await found.next(); next.done !== true; next = await found.next()) {
      isCutShort ||= dependencies.clock.now() >= stopAt;
      if (isCutShort) return;
      for (const finding of await auditRecord(dependencies, next.value, audit)) findings.add(finding);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return { audit, isCutShort };
};
