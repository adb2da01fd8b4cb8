import { findActiveDays } from '../../episodes/active-days.ts';
import type { DataSetFile } from '../../episodes/data-set.ts';
import { type DataSetLimits, defaultLimits } from '../../episodes/data-set-limits.ts';
import { type Rejection, readEpisode } from '../../episodes/episode-of-care.ts';
import { type Instant, parseInstant } from '../../episodes/fhir-date-time.ts';
import { type Line, readLines } from '../../episodes/read-lines.ts';
import { createSeenIds, type SeenIds } from '../../episodes/seen-ids.ts';
import { findTimeZone, type TimeZone } from '../../episodes/time-zone.ts';
import { product } from '../../platform/product.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { GeneratedReport, ReportDefinition, ReportRun } from '../report-definition.ts';
import { type ActiveRuns, createActiveRuns } from './active-runs.ts';
import { countMonths } from './count-months.ts';
import { createRejectedLines, type RejectedLines } from './rejected-lines.ts';
import { summarizeMonths } from './summarize-months.ts';

/** Changes whenever the same data set would give other numbers. */
const rulesVersion = '1';

/** What is needed to take in lines, and where they go. */
interface Intake {
  readonly zone: TimeZone;
  readonly cutOff: Instant;
  readonly runs: ActiveRuns;
  readonly ids: SeenIds;
  readonly rejected: RejectedLines;
}

const readCutOff = (transactionTime: string): Instant => {
  const cutOff = parseInstant(transactionTime);
  if (cutOff !== undefined) return cutOff;
  throw new ServiceError('DATA_SET_MALFORMED', { cause: 'the transactionTime of the data set is not a FHIR instant' });
};

/** A patient and the runs of days on which one of its episodes was active. */
interface PatientRuns {
  readonly id: string | undefined;
  readonly patient: string;
  readonly runs: readonly number[];
}

const readRuns = (line: Uint8Array, { zone, cutOff }: Intake): PatientRuns | Rejection => {
  const episode = readEpisode(line);
  if (typeof episode === 'string') return episode;
  const all: number[] = [];
  for (const interval of episode.intervals) {
    const runs = findActiveDays(interval, zone, cutOff);
    if (typeof runs === 'string') return runs;
    all.push(...runs);
  }
  return { id: episode.id, patient: episode.patient, runs: all };
};

/** A last line without line break that is not even JSON was cut off; that is never tolerated (rule 8). */
const rejectLine = (file: string, { number, isEnded }: Line, reason: Rejection, { rejected }: Intake): void => {
  if (!isEnded && (reason === 'not JSON' || reason === 'not UTF-8')) {
    const cause = `${file} line ${number}: ${reason} and without line break, so the file was cut off`;
    throw new ServiceError('DATA_SET_INCOMPLETE', { cause });
  }
  rejected.add({ file, line: number, reason });
};

/** Whether the line became part of the statistic. A rejected line leaves nothing behind. */
const takeLine = (file: string, line: Line, intake: Intake): boolean => {
  const read = readRuns(line.bytes, intake);
  if (typeof read === 'string') {
    rejectLine(file, line, read, intake);
    return false;
  }
  // An export has each resource once. Two of one id are two states of it, or two exports: which of them counts, nobody can say.
  if (read.id !== undefined && !intake.ids.add(read.id)) {
    rejectLine(file, line, 'id of an earlier line', intake);
    return false;
  }
  intake.runs.add(read.patient, read.runs);
  return true;
};

const readFiles = async (files: readonly DataSetFile[], limits: DataSetLimits, signal: AbortSignal, intake: Intake) => {
  let plainBytes = limits.plainBytes;
  const sources: { name: string; bytes: number; episodes: number; sha256: string }[] = [];
  for (const file of files) {
    let episodes = 0;
    const read = await readLines(file, { signal, lineBytes: limits.lineBytes, plainBytes }, (line) => {
      if (takeLine(file.name, line, intake)) episodes += 1;
    });
    plainBytes -= read.plainBytes;
    sources.push({ name: file.name, bytes: read.bytes, episodes, sha256: read.sha256 });
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
