import {
  describeOperation,
  type OperationDefinition,
  type OperationDescription,
  type Publication,
} from '../fhir/operation-definition.ts';
import { reports } from '../reports/catalogue.ts';
import type { ReportDefinition } from '../reports/report-definition.ts';

/** The three ways to get a report, as a client reads of them. */
const modes = {
  execute: {
    title: 'now, in the background',
    what: 'Orders the report. Answers at once with a Binary whose content is a placeholder; the report becomes version 2 of that Binary as soon as it is made, usually within seconds.',
  },
  schedule: {
    title: 'in the coming night',
    what: 'Orders the report for the coming night of the tenant. Answers at once with a Binary whose content is a placeholder; the report becomes version 2 of that Binary by the morning.',
  },
  fetch: {
    title: 'in the call',
    what: 'Makes the report within the call and answers it as a Binary that is not stored: it has no id, and nobody can read it again.',
  },
} as const;

const ending =
  'The finished content has the type `application/gzip-json` and is a ZIP archive with two JSON files: `ReportHeader` (which report, when, from which data) and the numbers.';

const describeReport = (report: ReportDefinition): readonly OperationDescription[] =>
  Object.entries(modes).map(([mode, { title, what }]) => ({
    code: `${mode}-${report.operation}`,
    title: `${report.title}: ${title}`,
    description: `${report.description}\n\n${what}\n\n${ending}`,
    affectsState: true,
    inputs: report.parameters,
    returns: 'Binary',
  }));

const jobStatus: OperationDescription = {
  code: 'get-report-job-status',
  title: 'Status of the reports that the caller has ordered',
  description:
    'Answers a Bundle with one Parameters resource for each report that the caller has ordered, newest first. Its part `reportJob` tells the report, its parameters, its state (`QUEUED`, `RUNNING`, `DONE`, `FAILED`, `CANCELLED`), the Binary, when it was ordered, begun and ended, when it will have ended at the latest, the number of attempts and, where it failed, why. Without any order the Bundle is empty. At most 500 are answered, or as many as `_count` in the address says; a link `next` leads to more.',
  affectsState: false,
  inputs: [],
  returns: 'Bundle',
};

/** The definitions of every operation: three for each report of the catalogue, and the job status. */
export const describeOperations = (publication: Publication): readonly OperationDefinition[] =>
  [...reports.flatMap(describeReport), jobStatus].map((operation) => describeOperation(publication, operation));
