import { type BinaryVersion, describeInlineVersion, outcomeContentType } from '../binaries/binary.ts';
import { toOperationOutcome } from '../fhir/operation-outcome.ts';
import { ServiceError } from '../platform/service-error.ts';
import { type Job, type JobFailure, nextVersionId } from './job.ts';

/**
 * The version that tells a client that its report failed: an OperationOutcome with `REPORTING_REPORT_GENERATION_FAILED` and the
 * cause, carried in the record itself, so that a job can end whatever state the content store is in.
 *
 * @param writer the lease's token, or an id of the tick that ended the job
 */
export const describeFailedVersion = (job: Job, failure: JobFailure, writer: string, now: number): BinaryVersion => {
  const outcome = toOperationOutcome(new ServiceError(failure.code, { cause: failure.cause }));
  return describeInlineVersion({
    versionId: nextVersionId(job),
    contentType: outcomeContentType,
    bytes: new TextEncoder().encode(JSON.stringify(outcome)),
    lastUpdated: now,
    writer,
  });
};
