import type { DataSetFile } from '../../episodes/data-set.ts';
import { type DataSetLimits, defaultLimits } from '../../episodes/data-set-limits.ts';
import { type Instant, parseInstant } from '../../episodes/fhir-date-time.ts';
import { readLines } from '../../episodes/read-lines.ts';
import { createSeenIds } from '../../episodes/seen-ids.ts';
import { findTimeZone } from '../../episodes/time-zone.ts';
import { product } from '../../platform/product.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { GeneratedReport, ReportDefinition, ReportRun } from '../report-definition.ts';
import { createActiveRuns } from './active-runs.ts';
import { countMonths } from './count-months.ts';
import { createRejectedLines } from './rejected-lines.ts';
import { summarizeMonths } from './summarize-months.ts';
import { createEpisodeTaker, type Intake } from './take-episodes.ts';

/** Changes whenever the same data set would give other numbers. */
const rulesVersion = '1';

const readCutOff = (transactionTime: string): Instant => {
  const cutOff = parseInstant(transactionTime);
  if (cutOff !== undefined) return cutOff;
  throw new ServiceError('DATA_SET_MALFORMED', { cause: 'the transactionTime of the data set is not a FHIR instant' });
};

const readFiles = async (files: readonly DataSetFile[], limits: DataSetLimits, signal: AbortSignal, intake: Intake) => {
  const taker = createEpisodeTaker(intake);
  let plainBytes = limits.plainBytes;
  const sources: { name: string; bytes: number; episodes: number; sha256: string }[] = [];
  for (const file of files) {
    taker.begin(file.name);
    const read = await readLines(file, { signal, lineBytes: limits.lineBytes, plainBytes }, taker.visit, taker);
    plainBytes -= read.plainBytes;
    sources.push({ name: file.name, bytes: read.bytes, episodes: taker.episodes, sha256: read.sha256 });
  }
  return sources;
};

const generate = async ({ tenant, dataSet, signal }: ReportRun, limits: DataSetLimits): Promise<GeneratedReport> => {
  signal.throwIfAborted();
  const intake: Intake = {
    zone: findTimeZone(tenant.timeZone),
    cutOff: readCutOff(dataSet.transactionTime),
    runs: createActiveRuns(limits),
    ids: createSeenIds(limits.episodes),
    rejected: createRejectedLines(tenant.toleratedLines),
  };
  const files = await readFiles(dataSet.files, limits, signal, intake);
  const summary = summarizeMonths(await countMonths(intake.runs, signal), tenant.baseline);
  const episodes = files.reduce((sum, file) => sum + file.episodes, 0);
  return {
    entries: [{ path: 'PatientsUsageSummary/PatientsUsageSummary', content: { PatientsUsageSummary: summary } }],
    provenance: {
      dataCutOff: dataSet.transactionTime,
      files,
      episodes,
      patients: intake.runs.patients,
      rejectedLines: intake.rejected.summary(),
      timeZone: tenant.timeZone,
      baseline: tenant.baseline,
      rulesVersion,
      productVersion: product.version,
    },
    episodes,
  };
};

/**
 * The report of unique active patients a month and a year. Reads the data set once, as a stream; the same data set,
 * time zone and baseline give the same numbers. Both values of `anonymization` give the same report, since it names nobody.
 *
 * @param limits past which a run ends with `DATA_SET_TOO_LARGE`.
 */
export const createPatientUsageStats = (limits: DataSetLimits = defaultLimits): ReportDefinition => ({
  name: 'PatientsUsageReport',
  title: 'Patient usage statistics',
  description:
    'The number of different patients with an active episode of care, for each month and as a monthly average for each year: all of them, and those who were active on at least seven days of the month.',
  operation: 'patient-usage-stats',
  reportClass: 'com.systematic.ehealth.reporting.reports.PatientsUsageReport',
  parameters: [
    {
      name: 'anonymization',
      required: true,
      values: ['NONE', 'ANONYMIZED'],
      decidesContent: false,
      documentation:
        '`NONE` or `ANONYMIZED`, in any case. `NONE` needs the role `report-non-anonymized` as well. This report names nobody, so both give the same numbers.',
    },
  ],
  rulesVersion,
  limits: { ...limits },
  role: '$fetch-patient-usage-stats',
  additionalRoles: (parameters) =>
    parameters.some(({ name, valueString }) => name === 'anonymization' && valueString.toUpperCase() === 'NONE')
      ? ['report-non-anonymized']
      : [],
  generate: (run) => generate(run, limits),
});

/** The report of unique active patients, with the default limits. */
export const patientUsageStats: ReportDefinition = createPatientUsageStats();
