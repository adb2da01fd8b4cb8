import type { Tenant } from '../auth/tenant.ts';
import type { DataSet, DataSetSource } from '../episodes/data-set.ts';
import { parseInstant } from '../episodes/fhir-date-time.ts';
import { isFarAhead } from '../episodes/is-ahead.ts';
import { manifestName } from '../episodes/manifest.ts';
import type { NightImport } from '../jobs/job.ts';
import type { Clock } from '../platform/clock.ts';
import { ServiceError } from '../platform/service-error.ts';
import { generateOnce, type SummaryDependencies, type SummaryOrigin } from './generate-once.ts';
import { createReportArchive } from './report-archive.ts';
import type { ReceivedParameter, ReportDefinition, ReportRun } from './report-definition.ts';

/** What is asked for. */
export interface ReportOrder {
  readonly tenant: ReportRun['tenant'] & Pick<Tenant, 'id'>;
  /** As they were received; checked before. */
  readonly parameters: readonly ReceivedParameter[];
  /** Where the tenant's current data set is. */
  readonly dataSets: DataSetSource;
  /** The import that the report did not wait for: told in its provenance, where the data set is indeed older. */
  readonly nightImport?: NightImport | undefined;
  /** Aborted when the lease is lost or time runs out. */
  readonly signal: AbortSignal;
}

/** What making reports needs. */
export interface MakingDependencies extends SummaryDependencies {
  readonly clock: Clock;
}

/** A finished report. */
export interface MadeReport {
  /** The ZIP. */
  readonly bytes: Uint8Array;
  /** Source records that its numbers were made from. */
  readonly episodes: number;
  readonly summary: SummaryOrigin;
}

/** Only what a report may depend on, so that it depends on nothing else. */
const openRun = async (definition: ReportDefinition, order: ReportOrder): Promise<ReportRun> => {
  const { id, timeZone, baseline, toleratedLines } = order.tenant;
  const deciding = definition.parameters.filter(({ decidesContent }) => decidesContent).map(({ name }) => name);
  return {
    tenant: { id, timeZone, baseline, toleratedLines },
    parameters: order.parameters.filter(({ name }) => deciding.includes(name)),
    dataSet: await order.dataSets.openCurrent(id, order.signal),
    signal: order.signal,
  };
};

/** No report tells of months that have not been: a cut-off that is to come, by more than an hour, is a slip of whoever loaded the data set. */
const requireCutOffPassed = ({ transactionTime }: DataSet, now: number): void => {
  const cutOff = parseInstant(transactionTime);
  if (cutOff === undefined || !isFarAhead(cutOff, now)) return;
  throw new ServiceError('DATA_SET_MALFORMED', { cause: `${manifestName}: transactionTime is in the future` });
};

/** An import that was late, or not begun, may have ended before the data set was opened: then there is nothing to tell. */
const describeNightImport = (
  nightImport: NightImport | undefined,
  { transactionTime }: Pick<DataSet, 'transactionTime'>,
): object => {
  if (nightImport === undefined || Date.parse(transactionTime) >= nightImport.begun) return {};
  const { outcome } = nightImport;
  const time = new Date(nightImport.begun).toISOString();
  return { nightImport: outcome === 'not-begun' ? { outcome, expected: time } : { outcome, begun: time } };
};

/**
 * Makes a report of one tenant from its current data set and packs it. Its time is that at which it was begun; where its numbers are known
 * from an earlier report of the same data, only the data set's manifest is read.
 *
 * @throws ServiceError `DATA_SET_*` with a cause for the client, `GENERAL_DEPENDENCY_UNAVAILABLE`; the signal's reason when it is aborted
 */
export const makeReport = async (
  definition: ReportDefinition,
  order: ReportOrder,
  dependencies: MakingDependencies,
): Promise<MadeReport> => {
  const reportTime = dependencies.clock.now();
  const { parameters, signal } = order;
  signal.throwIfAborted();
  const run = await openRun(definition, order);
  requireCutOffPassed(run.dataSet, reportTime);
  const { generated, origin } = await generateOnce(definition, run, dependencies);
  const { entries, episodes } = generated;
  const provenance = { ...generated.provenance, ...describeNightImport(order.nightImport, run.dataSet) };
  signal.throwIfAborted();
  return {
    bytes: createReportArchive({ reportName: definition.name, reportTime, parameters, provenance, entries }),
    episodes,
    summary: origin,
  };
};
