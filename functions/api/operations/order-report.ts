import { requireRole } from '../../auth/authorize.ts';
import { placeholder } from '../../binaries/binary.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { readParameters } from '../../fhir/parameters.ts';
import type { JobMode } from '../../jobs/job.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { ReportDefinition } from '../../reports/report-definition.ts';
import { createOrderAdmission } from '../admit-order.ts';
import type { ApiResponse } from '../api-response.ts';
import { describeBinary, versionHeaders } from '../binary-resource.ts';
import { readIdempotencyKey } from '../idempotency-key.ts';
import type { Operation } from '../operation.ts';
import { type PlacedJob, type PlacingDependencies, placeJob } from '../place-job.ts';
import { placeJobOnce } from '../place-job-once.ts';
import { measureWait, type WaitDependencies } from '../wait-header.ts';

/** What ordering needs. */
export interface OrderDependencies extends Omit<PlacingDependencies, 'admit'>, WaitDependencies {
  readonly baseUrl: string;
}

const refusals = {
  execute: 'REPORTING_EXECUTE_NOT_ALLOWED',
  schedule: 'REPORTING_SCHEDULE_NOT_ALLOWED',
} as const satisfies Record<JobMode, string>;

/** Version 1 of the job's Binary, as it was when it was ordered. Its message is on the way meanwhile. */
const answerPlaceholder = async (
  dependencies: OrderDependencies,
  { job, message }: PlacedJob,
): Promise<ApiResponse> => {
  const [version] = job.versions;
  if (version === undefined) throw new TypeError('a job without a version');
  const headers = versionHeaders(dependencies.baseUrl, job, version);
  return {
    status: 200,
    headers: {
      location: headers['content-location'],
      'content-location': headers['content-location'],
      'last-modified': headers['last-modified'],
      ...(await measureWait(dependencies, [job])),
    },
    body: { kind: 'resource', resource: describeBinary(job, version, placeholder.bytes) },
    meanwhile: message,
  };
};

/**
 * `$execute-…` and `$schedule-…`: answer with the placeholder at once; the report becomes version 2, in the background or in the coming
 * night. With an `Idempotency-Key`, an order that is repeated within 24 hours gets the answer of the first.
 */
export const createOrderReport = (
  dependencies: OrderDependencies,
  report: ReportDefinition,
  mode: JobMode,
): Operation => {
  const name = `$${mode}-${report.operation}`;
  const placing = { ...dependencies, admit: createOrderAdmission(dependencies) };
  return {
    name,
    role: report.role,
    ordersReports: true,
    readsBody: true,
    requireFormat: ({ wish }) => requireFhirJson(wish),
    async run({ request, caller, signal }) {
      const key = readIdempotencyKey(request);
      const parameters = readParameters(request.readBody(), report.parameters, report.name);
      for (const role of report.additionalRoles(parameters)) requireRole(caller, role, name);
      if (!caller.tenant.operations[mode]) throw new ServiceError(refusals[mode]);
      const { requestId } = request;
      const order = { caller, report: report.name, operation: name, mode, parameters, requestId, signal };
      // What the answer's Retry-After needs is read beside the writes.
      if (mode === 'execute') void dependencies.paces.of(caller.tenant.id, report.name);
      return answerPlaceholder(
        dependencies,
        await (key === undefined ? placeJob(placing, order) : placeJobOnce(placing, order, key)),
      );
    },
  };
};
