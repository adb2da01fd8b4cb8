import { requireRole } from '../../auth/authorize.ts';
import type { Caller } from '../../auth/caller.ts';
import { contentKey, describeStoredVersion, placeholder } from '../../binaries/binary.ts';
import type { BinaryContent } from '../../binaries/binary-content.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { readParameters } from '../../fhir/parameters.ts';
import { type Job, type JobRules, nextLook } from '../../jobs/job.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Ids } from '../../platform/ids.ts';
import { describeError, type Logger } from '../../platform/logger.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { ReceivedParameter, ReportDefinition } from '../../reports/report-definition.ts';
import { describeBinary, versionHeaders } from '../binary-resource.ts';
import type { ApiCall, Operation } from '../operation.ts';
import { waitHeader } from '../wait-header.ts';

/** What ordering needs. */
export interface OrderDependencies {
  readonly jobs: JobStore;
  readonly content: BinaryContent;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly baseUrl: string;
  readonly rules: Pick<JobRules, 'requeueAfter' | 'deadlineMargin'>;
  /** From order to deadline, in milliseconds. */
  readonly executeDeadline: number;
  /** How long a Binary is kept, in milliseconds. */
  readonly retention: number;
}

const newJob = (
  dependencies: OrderDependencies,
  report: ReportDefinition,
  caller: Caller,
  order: { readonly parameters: readonly ReceivedParameter[]; readonly requestId: string },
): Job => {
  const { clock, ids, rules, executeDeadline, retention } = dependencies;
  const now = clock.now();
  const jobId = ids.uuid();
  const binaryId = ids.sortableUuid(now);
  const deadline = now + executeDeadline;
  const key = contentKey(caller.tenant.id, binaryId, 1, jobId);
  const version = { ...placeholder, versionId: 1, lastUpdated: now, source: order.requestId, writer: jobId };
  return {
    tenantId: caller.tenant.id,
    binaryId,
    jobId,
    userId: caller.userId,
    report: report.name,
    mode: 'execute',
    parameters: order.parameters,
    status: 'QUEUED',
    created: now,
    deadline,
    attempts: 0,
    redrives: 0,
    due: nextLook({ deadline, redrives: 0 }, now, rules),
    versions: [describeStoredVersion(version, key)],
    expires: now + retention,
  };
};

/** Bytes, then record, then queue: an answer of 2xx means that the job is durable (I6), and no version is without its bytes (I3). */
const place = async (
  { jobs, content, queue, logger }: OrderDependencies,
  job: Job,
  requestId: string,
): Promise<void> => {
  const { tenantId, binaryId, jobId, mode } = job;
  const ids = { requestId, tenant: tenantId, binaryId, jobId };
  await content.put(tenantId, {
    key: contentKey(tenantId, binaryId, 1, jobId),
    contentType: placeholder.contentType,
    bytes: placeholder.bytes,
  });
  const { outcome } = await jobs.place(tenantId, job);
  if (outcome === 'conflict') throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'binary-id-taken' });
  logger.log('ORDER_PLACED', { ...ids, mode });
  try {
    await queue.send(tenantId, binaryId);
  } catch (error) {
    // The job is recorded: the dispatcher finds it, so the order stands.
    logger.log('ENQUEUE_FAILED', { ...ids, errorName: describeError(error).errorName });
  }
};

/** `$execute-…`: answers with the placeholder at once; the report becomes version 2 in the background. */
export const createExecuteReport = (dependencies: OrderDependencies, report: ReportDefinition): Operation => {
  const name = `$execute-${report.operation}`;
  return {
    name,
    role: report.role,
    ordersReports: true,
    readsBody: true,
    requireFormat: ({ wish }) => requireFhirJson(wish),
    async run({ request, caller }: ApiCall) {
      const parameters = readParameters(request.readBody(), report.parameters, report.name);
      for (const role of report.additionalRoles(parameters)) requireRole(caller, role, name);
      if (!caller.tenant.operations.execute) throw new ServiceError('REPORTING_EXECUTE_NOT_ALLOWED');
      const job = newJob(dependencies, report, caller, { parameters, requestId: request.requestId });
      await place(dependencies, job, request.requestId);
      const [version] = job.versions;
      if (version === undefined) throw new TypeError('a new job without a version');
      const headers = versionHeaders(dependencies.baseUrl, job, version);
      return {
        status: 200,
        headers: {
          location: headers['content-location'],
          'content-location': headers['content-location'],
          'last-modified': headers['last-modified'],
          ...waitHeader([job], dependencies.clock.now()),
        },
        body: { kind: 'resource', resource: describeBinary(job, version, placeholder.bytes) },
      };
    },
  };
};
