import { patientUsageStats } from './patient-usage-stats/patient-usage-stats.ts';
import type { ReportDefinition } from './report-definition.ts';

/** Every report that the service makes; the only list of them. Operation names and report names are unique. */
export const reports: readonly ReportDefinition[] = [patientUsageStats];

/** The report with this name, as a job's record has it, if this version of the service still knows it. */
export const findReportByName = (name: string): ReportDefinition | undefined =>
  reports.find((report) => report.name === name);
