import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import {
  type BinaryVersion,
  contentKey,
  describeInlineVersion,
  describeStoredVersion,
  placeholder,
} from '../../functions/binaries/binary.ts';
import type { Job } from '../../functions/jobs/job.ts';

/** The tenant of all samples. */
export const demoTenant: TenantId = restoreTenantId('demo');

/** The user of the contract's example. */
export const demoUser = 'fbf769fc-7131-4ad6-82f1-25537983f6b5';

/** When all samples begin: 16 April 2026, 11:44:11.919 UTC. */
export const sampleTime = Date.UTC(2026, 3, 16, 11, 44, 11, 919);

/** A Binary id of the right form that ends in `last` (one hex digit or a few). */
export const sampleBinaryId = (last = '1'): string => `01963e5f-5a2f-7abc-8def-${last.padStart(12, '0')}`;

/** A job just placed: queued, due after a minute, deadline after 15; what is given replaces what it has. */
export const sampleJob = (own: Partial<Job> = {}): Job => {
  const binaryId = own.binaryId ?? sampleBinaryId();
  const jobId = own.jobId ?? `job-${binaryId}`;
  const tenantId = own.tenantId ?? demoTenant;
  const version = { ...placeholder, versionId: 1, lastUpdated: sampleTime, source: 'request-1', writer: jobId };
  return {
    tenantId,
    binaryId,
    jobId,
    userId: demoUser,
    report: 'PatientsUsageReport',
    mode: 'execute',
    parameters: [{ name: 'anonymization', valueString: 'None' }],
    status: 'QUEUED',
    created: sampleTime,
    deadline: sampleTime + 15 * 60_000,
    attempts: 0,
    redrives: 0,
    due: sampleTime + 60_000,
    versions: [describeInlineVersion(version)],
    expires: Date.UTC(2026, 6, 15),
    ...own,
  };
};

/** Version 1 of a job as earlier versions of the service recorded it: with its bytes in the content store. */
export const storedPlaceholder = ({ tenantId, binaryId, jobId }: Job = sampleJob()): BinaryVersion =>
  describeStoredVersion(
    { ...placeholder, versionId: 1, lastUpdated: sampleTime, source: 'request-1', writer: jobId },
    contentKey(tenantId, binaryId, 1, jobId),
  );
