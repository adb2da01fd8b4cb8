import type { Tenant } from '../auth/tenant.ts';
import type { DataSet } from '../episodes/data-set.ts';

/** One entry of a Parameters resource as it was received: `{"name":"anonymization","valueString":"None"}`. */
export interface ReceivedParameter {
  readonly name: string;
  readonly valueString: string;
}

/** One input parameter that a report takes (type `string`, cardinality 1..1 where `required`, else 0..1). */
export interface ParameterDefinition {
  readonly name: string;
  readonly required: boolean;
  /** Accepted values in upper case; compared without case. */
  readonly values: readonly string[];
  /** Whether what stands in the report's entries or its provenance depends on it. */
  readonly decidesContent: boolean;
  /** What it does, for the operations' definitions. */
  readonly documentation: string;
}

/** What a report may use while it is generated: all that its entries and its provenance depend on. */
export interface ReportRun {
  readonly tenant: Pick<Tenant, 'id' | 'timeZone' | 'baseline' | 'toleratedLines'>;
  /** Those whose definition says that they decide what stands in it. */
  readonly parameters: readonly ReceivedParameter[];
  readonly dataSet: DataSet;
  /** Aborted when the lease is lost or time runs out: stop reading and throw its reason. */
  readonly signal: AbortSignal;
}

/** One JSON file of the finished report. */
export interface ReportEntry {
  /** Path inside the report's folder: `PatientsUsageSummary/PatientsUsageSummary`. */
  readonly path: string;
  /** A plain JSON value; serialised compactly. Equal input gives equal bytes. */
  readonly content: unknown;
}

/** What one run of a report gives. */
export interface GeneratedReport {
  readonly entries: readonly ReportEntry[];
  /** From which data the numbers were made; becomes `ReportHeader.provenance`. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Number of source records read, for logs and metrics; a whole number. */
  readonly episodes: number;
}

/** One kind of report. A new one is a folder that exports this, and a line in `catalogue.ts`. */
export interface ReportDefinition {
  /** Name in the archive and in error texts: `PatientsUsageReport`. */
  readonly name: string;
  /** For people, in the operations' definitions: `Patient usage statistics`. */
  readonly title: string;
  /** What the report tells, in a sentence or two of Markdown, for the operations' definitions. */
  readonly description: string;
  /** What follows `$execute-`, `$schedule-` and `$fetch-`: `patient-usage-stats`. */
  readonly operation: string;
  /** `reportClass` in the job status: the Java class name that FUT's clients know. */
  readonly reportClass: string;
  readonly parameters: readonly ParameterDefinition[];
  /** Changes whenever the same data set would give other numbers. */
  readonly rulesVersion: string;
  /** What a data set may be at most, by what is limited; beyond, there is no report. */
  readonly limits: Readonly<Record<string, number>>;
  /** The role that every one of the three operations needs. */
  readonly role: string;
  /** Further roles that these parameters need. The parameters have been checked against `parameters` before. */
  additionalRoles(parameters: readonly ReceivedParameter[]): readonly string[];
  /**
   * Makes the report from a data set. The same tenant settings, parameters and data set give the same, to the byte, for as long as
   * `rulesVersion` and `limits` stay as they are.
   *
   * @throws ServiceError with a `DATA_SET_*` code and a cause that names file and line, never a patient.
   */
  generate(run: ReportRun): Promise<GeneratedReport>;
}
