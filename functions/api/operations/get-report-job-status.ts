import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { toFhirDateTime } from '../../fhir/fhir-date-time.ts';
import { toOperationOutcome } from '../../fhir/operation-outcome.ts';
import { readParameters } from '../../fhir/parameters.ts';
import type { Job } from '../../jobs/job.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { Clock } from '../../platform/clock.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { findReportByName } from '../../reports/catalogue.ts';
import type { Operation } from '../operation.ts';
import { waitHeader } from '../wait-header.ts';
import { binaryRole } from './read-binary.ts';

/** What the job status needs. */
export interface JobStatusDependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly baseUrl: string;
}

const timePart = (name: string, millis: number | undefined) =>
  millis === undefined ? [] : [{ name, valueDateTime: toFhirDateTime(millis) }];

const outcomePart = ({ failure }: Job) =>
  failure === undefined
    ? []
    : [{ name: 'outcome', resource: toOperationOutcome(new ServiceError(failure.code, { cause: failure.cause })) }];

/** One job as FUT shows it: eight parts in its order, then `deadline`, `attempts` and, for a failed job, `outcome`. */
const describeJob = (job: Job, baseUrl: string) => ({
  fullUrl: job.jobId,
  resource: {
    resourceType: 'Parameters',
    id: job.jobId,
    parameter: [
      {
        name: 'reportJob',
        part: [
          { name: 'reportClass', valueString: findReportByName(job.report)?.reportClass ?? job.report },
          { name: 'userId', valueString: job.userId },
          { name: 'status', valueString: job.status },
          { name: 'binary', valueReference: { reference: `${baseUrl}/Binary/${job.binaryId}` } },
          { name: 'parameters', resource: { resourceType: 'Parameters', parameter: job.parameters } },
          ...timePart('created', job.created),
          ...timePart('started', job.started),
          ...timePart('ended', job.ended),
          ...timePart('deadline', job.deadline),
          { name: 'attempts', valueInteger: job.attempts },
          ...outcomePart(job),
        ],
      },
    ],
  },
});

/** `$get-report-job-status`: the caller's own jobs, newest first; without any, exactly the empty collection that FUT answers. */
export const createGetReportJobStatus = ({ jobs, clock, baseUrl }: JobStatusDependencies): Operation => ({
  name: '$get-report-job-status',
  role: binaryRole,
  ordersReports: false,
  readsBody: true,
  requireFormat: ({ wish }) => requireFhirJson(wish),
  async run({ request, caller }) {
    readParameters(request.readBody(), [], 'get-report-job-status');
    const now = clock.now();
    const own = (await jobs.listByUser(caller.tenant.id, caller.userId)).filter((job) => job.expires > now);
    return {
      status: 200,
      headers: waitHeader(own, now),
      body: {
        kind: 'resource',
        resource: {
          resourceType: 'Bundle',
          type: 'collection',
          ...(own.length === 0 ? {} : { entry: own.map((job) => describeJob(job, baseUrl)) }),
        },
      },
    };
  },
});
