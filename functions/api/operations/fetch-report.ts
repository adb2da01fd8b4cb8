import { requireRole } from '../../auth/authorize.ts';
import type { Tenant } from '../../auth/tenant.ts';
import { reportContentType } from '../../binaries/binary.ts';
import type { DataSetSource } from '../../episodes/data-set.ts';
import { estimateEpisodes } from '../../episodes/estimate-episodes.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { readParameters } from '../../fhir/parameters.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { makeReport } from '../../reports/make-report.ts';
import type { ReportDefinition } from '../../reports/report-definition.ts';
import { describeUnstoredBinary } from '../binary-resource.ts';
import type { Operation } from '../operation.ts';
import { largestAnswer } from './read-binary.ts';

/** What fetching needs. */
export interface FetchDependencies {
  readonly dataSets: DataSetSource;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The tenant's current data set, if it is small enough for a report within the call. Opened once, so that what is decided over is what
 * is read (invariant I10).
 */
const openSmallDataSet = async (
  { dataSets }: FetchDependencies,
  { id, synchronousEpisodes }: Tenant,
  { operation }: ReportDefinition,
  signal: AbortSignal,
): Promise<DataSetSource> => {
  const dataSet = await dataSets.openCurrent(id, signal);
  const episodes = estimateEpisodes(dataSet.files);
  if (episodes > synchronousEpisodes) {
    const cause = `The data set has about ${episodes} episodes of care, more than the ${synchronousEpisodes} that are summarised within a call. Order the report with $execute-${operation}.`;
    throw new ServiceError('REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED', { cause });
  }
  return { openCurrent: async () => dataSet };
};

/** A fetched report is stored nowhere, so one that no answer can hold has no other way to the client. */
const requireDeliverable = (bytes: Uint8Array, { operation }: ReportDefinition, largest: number): void => {
  if (bytes.length <= largest) return;
  const cause = `The report has ${bytes.length} bytes, more than the ${largest} that an answer can hold. Order it with $execute-${operation}.`;
  throw new ServiceError('REPORT_TOO_LARGE', { cause });
};

/**
 * `$fetch-…`: the report is made within the call and is the answer: a Binary that is stored nowhere, without id and version. Refused
 * before anything is read where the tenant's data set is too large for that.
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
      const dataSets = await openSmallDataSet(dependencies, tenant, report, signal);
      const { bytes, episodes } = await makeReport(report, { tenant, parameters, dataSets, signal }, clock);
      requireDeliverable(bytes, report, largest);
      const milliseconds = clock.now() - begun;
      const { requestId } = request;
      logger.log('REPORT_FETCHED', { requestId, tenant: tenant.id, milliseconds, bytes: bytes.length, episodes });
      const resource = describeUnstoredBinary(userId, reportContentType, bytes);
      return { status: 200, body: { kind: 'resource', resource } };
    },
  };
};
