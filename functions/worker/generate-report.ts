import type { TenantRegistry } from '../auth/tenant-registry.ts';
import { type BinaryVersion, contentKey, describeStoredVersion, reportContentType } from '../binaries/binary.ts';
import type { BinaryContent } from '../binaries/binary-content.ts';
import type { DataSetSource } from '../episodes/data-set.ts';
import { type Job, nextVersionId } from '../jobs/job.ts';
import { ServiceError } from '../platform/service-error.ts';
import { findReportByName } from '../reports/catalogue.ts';
import { type MadeReport, type MakingDependencies, makeReport } from '../reports/make-report.ts';

/** What generating needs. */
export interface GenerationDependencies extends MakingDependencies {
  readonly tenants: TenantRegistry;
  readonly dataSets: DataSetSource;
  readonly content: Pick<BinaryContent, 'put'>;
}

/** A finished report whose bytes are stored and which only has to be recorded. */
export interface StoredReport extends Pick<MadeReport, 'episodes' | 'summary'> {
  readonly version: BinaryVersion;
}

/**
 * Makes a job's report and stores its bytes under a key of this attempt. The record is not touched: until it names these bytes,
 * nobody sees them.
 *
 * @param token the lease's, which makes the key the attempt's own
 * @param signal the attempt's: once it is aborted nothing of the attempt goes on
 * @throws the signal's reason, or ServiceError `REPORT_UNKNOWN`, `TENANT_UNUSABLE`, `TENANT_DISABLED`, `TENANT_ELSEWHERE`, `DATA_SET_*`, or `GENERAL_DEPENDENCY_UNAVAILABLE`
 */
export const generateReport = async (
  dependencies: GenerationDependencies,
  job: Job,
  token: string,
  signal: AbortSignal,
): Promise<StoredReport> => {
  const { tenants, dataSets, content, clock } = dependencies;
  const definition = findReportByName(job.report);
  if (definition === undefined) {
    throw new ServiceError('REPORT_UNKNOWN', { cause: 'The report is not known to this version of the service.' });
  }
  const tenant = await tenants.byId(job.tenantId);
  if (tenant === undefined) {
    throw new ServiceError('TENANT_UNUSABLE', { cause: "The tenant's entry in the registry is missing or unusable." });
  }
  if (!tenant.enabled) {
    // Its data is to be left alone, whatever was accepted before.
    throw new ServiceError('TENANT_DISABLED', {
      cause: 'The tenant is disabled. Once it is enabled again, its operator can have the report made.',
    });
  }
  if (tenant.elsewhere === true) {
    // Its data is no longer to be worked on here, whatever was accepted before it moved.
    throw new ServiceError('TENANT_ELSEWHERE', {
      cause: 'The tenant is served by another region. Order the report there.',
    });
  }
  const { parameters, nightImport } = job;
  const order = { tenant, parameters, dataSets, nightImport, signal };
  const { bytes, ...made } = await makeReport(definition, order, dependencies);
  const versionId = nextVersionId(job);
  const key = contentKey(job.tenantId, job.binaryId, versionId, token);
  await content.put(job.tenantId, { key, contentType: reportContentType, bytes }, signal);
  const described = { versionId, contentType: reportContentType, bytes, lastUpdated: clock.now(), writer: token };
  return { ...made, version: describeStoredVersion(described, key) };
};
