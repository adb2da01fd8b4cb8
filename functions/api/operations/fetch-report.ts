import { requireRole } from '../../auth/authorize.ts';
import type { Tenant } from '../../auth/tenant.ts';
import { reportContentType } from '../../binaries/binary.ts';
import type { DataSetSource } from '../../episodes/data-set.ts';
import { estimateEpisodes } from '../../episodes/estimate-episodes.ts';
import type { ManifestFile } from '../../episodes/manifest.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { readParameters } from '../../fhir/parameters.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { type MakingDependencies, makeReport } from '../../reports/make-report.ts';
import type { ReportDefinition } from '../../reports/report-definition.ts';
import { describeUnstoredBinary } from '../binary-resource.ts';
import type { Operation } from '../operation.ts';
import { largestAnswer } from './read-binary.ts';

/** What fetching needs. */
export interface FetchDependencies extends MakingDependencies {
  readonly dataSets: DataSetSource;
}

/**
 * The tenant's data sets, as far as they are small enough for a report within the call. One that is not is refused by what its manifest
 * says of it, before any file is looked at; where that does not tell, by the files' sizes, before any is read.
 */
const onlySmall = (
  { dataSets }: FetchDependencies,
  { synchronousEpisodes }: Tenant,
  { operation }: ReportDefinition,
): DataSetSource => {
  const requireSmall = (episodes: number): void => {
    if (episodes <= synchronousEpisodes) return;
    const cause = `The data set has about ${episodes} episodes of care, more than the ${synchronousEpisodes} that are summarised within a call. Order the report with $execute-${operation}.`;
    throw new ServiceError('REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED', { cause });
  };
  return {
    async openCurrent(tenantId, signal) {
      const admit = (named: readonly ManifestFile[]) => requireSmall(estimateEpisodes(named));
      const dataSet = await dataSets.openCurrent(tenantId, signal, admit);
      requireSmall(estimateEpisodes(dataSet.files));
      return dataSet;
    },
  };
};

/** A fetched report is stored nowhere, so one that no answer can hold has no other way to the client. */
const requireDeliverable = (bytes: Uint8Array, { operation }: ReportDefinition, largest: number): void => {
  if (bytes.length <= largest) return;
  const cause = `The report has ${bytes.length} bytes, more than the ${largest} that an answer can hold. Order it with $execute-${operation}.`;
  throw new ServiceError('REPORT_TOO_LARGE', { cause });
};

/**
 * `$fetch-…`: the report is made within the call and is the answer: a Binary that is stored nowhere, without id and version; only its numbers
 * are kept for later reports of the same data. Refused
 * before any file is read where the tenant's data set is too large for that.
 *
 * @param largest bytes of a report that an answer can hold
 */
export const createFetchReport = (
  dependencies: FetchDependencies,
  report: ReportDefinition,
  largest: number = largestAnswer,
): Operation => {
  const name = `$fetch-${report.operation}`;
  return {
    name,
    role: report.role,
    ordersReports: true,
    readsBody: true,
    requireFormat: ({ wish }) => requireFhirJson(wish),
    async run({ request, caller: { tenant, userId, roles }, signal }) {
      const parameters = readParameters(request.readBody(), report.parameters, report.name);
      for (const role of report.additionalRoles(parameters)) requireRole({ roles }, role, name);
      if (!tenant.operations.fetch) throw new ServiceError('REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED');
      const { clock, logger } = dependencies;
      const begun = clock.now();
      const dataSets = onlySmall(dependencies, tenant, report);
      const order = { tenant, parameters, dataSets, signal };
      const { bytes, episodes, summary } = await makeReport(report, order, dependencies);
      requireDeliverable(bytes, report, largest);
      const milliseconds = clock.now() - begun;
      const { requestId } = request;
      const told = { milliseconds, bytes: bytes.length, episodes, summary };
      logger.log('REPORT_FETCHED', { requestId, tenant: tenant.id, ...told });
      const resource = describeUnstoredBinary(userId, reportContentType, bytes);
      return { status: 200, body: { kind: 'resource', resource } };
    },
  };
};
