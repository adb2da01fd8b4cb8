import { type FormatWish, requireFhirJson } from '../../fhir/content-negotiation.ts';
import { toFhirDateTime } from '../../fhir/fhir-date-time.ts';
import { toOperationOutcome } from '../../fhir/operation-outcome.ts';
import { readParameters } from '../../fhir/parameters.ts';
import { expiryOf } from '../../jobs/expiry-of.ts';
import type { JobOverview } from '../../jobs/job.ts';
import type { JobList, JobPosition } from '../../jobs/job-list.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { findReportByName } from '../../reports/catalogue.ts';
import type { Operation } from '../operation.ts';
import { binaryRole } from '../own-binary.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { measureWait, type WaitDependencies } from '../wait-header.ts';

/** What the job status needs. */
export interface JobStatusDependencies extends WaitDependencies {
  readonly jobs: JobList;
  readonly baseUrl: string;
  /** How long a Binary is kept, in milliseconds. */
  readonly retention: number;
}

const timePart = (name: string, millis: number | undefined) =>
  millis === undefined ? [] : [{ name, valueDateTime: toFhirDateTime(millis) }];

const outcomePart = ({ failure }: JobOverview) =>
  failure === undefined
    ? []
    : [{ name: 'outcome', resource: toOperationOutcome(new ServiceError(failure.code, { cause: failure.cause })) }];

/** Who pays for the service may see what a report took. The tenant's issuer gives the role; it opens nobody else's jobs. */
const operatorRole = 'report-operator';

const billedPart = ({ billed }: JobOverview, isOperator: boolean) =>
  billed === undefined || !isOperator
    ? []
    : [
        {
          name: 'billed',
          part: [
            { name: 'milliseconds', valueInteger: billed.milliseconds },
            { name: 'gigabyteSeconds', valueDecimal: billed.gigabyteSeconds },
          ],
        },
      ];

/**
 * One job as FUT shows it: eight parts in its order, then `deadline`, `attempts`, for a failed job `outcome`, and for operators `billed`.
 */
const describeJob = (job: JobOverview, baseUrl: string, isOperator: boolean) => ({
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
          ...billedPart(job, isOperator),
        ],
      },
    ],
  },
});

/** The most jobs in one answer. In the worst case they make 2 MB of JSON; a Lambda's answer may have 6 MB. */
export const mostJobs = 500;

const countParameter = '_count';
const cursorParameter = '_cursor';

/** `_count` (FHIR R4 search.html#count) within 1 and the most that there may be; anything else counts as not sent. */
const readCount = (text: string | undefined): number => {
  const count = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
  return count === 0 ? mostJobs : Math.min(count, mostJobs);
};

const readPosition = (text: string | undefined): JobPosition | undefined => {
  if (text === undefined) return undefined;
  const position = readCursor(text);
  if (position !== undefined) return position;
  throw new ServiceError('GENERAL_VALIDATION_ERROR', {
    issue: 'value',
    args: [`the query parameter ${cursorParameter} is none that this service has given out`],
  });
};

/** JSON that was asked for by `_format` goes along, since who does so may not be able to set `Accept`. */
const nextLink = (baseUrl: string, limit: number, next: JobPosition, { format }: FormatWish) => {
  const query = new URLSearchParams({
    [countParameter]: String(limit),
    [cursorParameter]: writeCursor(next),
    ...(format === undefined ? {} : { _format: 'json' }),
  });
  return { relation: 'next', url: `${baseUrl}/$get-report-job-status?${query}` };
};

/**
 * `$get-report-job-status`: the caller's own jobs, newest first; without any, exactly the empty collection that FUT answers. A user
 * with more jobs than fit gets the newest and a link with the relation `next` (FHIR R4 http.html#paging).
 */
export const createGetReportJobStatus = (dependencies: JobStatusDependencies): Operation => ({
  name: '$get-report-job-status',
  role: binaryRole,
  ordersReports: false,
  readsBody: true,
  requireFormat: ({ wish }) => requireFhirJson(wish),
  async run({ request, caller }) {
    const { jobs, clock, baseUrl, retention } = dependencies;
    readParameters(request.readBody(), [], 'get-report-job-status');
    const limit = readCount(request.query(countParameter));
    const after = readPosition(request.query(cursorParameter));
    const page = await jobs.listByUser(caller.tenant.id, caller.userId, { limit, ...(after && { after }) });
    const now = clock.now();
    const isOperator = caller.roles.has(operatorRole);
    const own = page.jobs.filter((job) => expiryOf(job, retention) > now);
    // Records stay for a month after their Binaries have gone. What follows is older, so no link leads to pages on which nothing is shown.
    const next = (page.nextCreated ?? 0) + retention > now ? page.next : undefined;
    return {
      status: 200,
      headers: await measureWait(dependencies, own),
      body: {
        kind: 'resource',
        resource: {
          resourceType: 'Bundle',
          type: 'collection',
          ...(next === undefined ? {} : { link: [nextLink(baseUrl, limit, next, request.wish)] }),
          ...(own.length === 0 ? {} : { entry: own.map((job) => describeJob(job, baseUrl, isOperator)) }),
        },
      },
    };
  },
});
