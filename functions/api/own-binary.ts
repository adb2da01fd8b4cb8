import type { Caller } from '../auth/caller.ts';
import { isBinaryId } from '../binaries/binary.ts';
import { toFhirInstant } from '../fhir/fhir-date-time.ts';
import { expiryOf } from '../jobs/expiry-of.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Clock } from '../platform/clock.ts';
import { type ErrorDetails, ServiceError } from '../platform/service-error.ts';

/** The role that every interaction with a Binary needs. */
export const binaryRole = 'Binary.read';

/** Looked up in place of an id that is none of ours, so that a malformed id costs what an unknown one does. Never given out. */
const nobodysId = '00000000-0000-7000-8000-000000000000';

/** The 404 of a Binary, alike whatever the reason. An id that is none of ours is not repeated. */
const binaryNotFound = (id: string): ServiceError =>
  new ServiceError('GENERAL_RESOURCE_NOT_FOUND', { args: ['Binary', isBinaryId(id) ? id : '(malformed)'] });

const gone = (since: number, details: Pick<ErrorDetails, 'cause'> = {}): ServiceError =>
  new ServiceError('GENERAL_RESOURCE_DELETED', { args: [toFhirInstant(since)], ...details });

/** What finding a caller's own Binary needs. */
export interface OwnBinaryDependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
  /** How long a Binary is kept, in milliseconds: as it is set now, since the bucket's lifecycle follows it at once. */
  readonly retention: number;
}

/**
 * The caller's own job behind a Binary id, deleted or not.
 *
 * @throws ServiceError `GENERAL_RESOURCE_NOT_FOUND` alike for foreign, unknown and malformed ids (invariant I4),
 *   `GENERAL_RESOURCE_DELETED` for the owner once retention has ended
 */
export const findOwnBinary = async (
  { jobs, clock, retention }: OwnBinaryDependencies,
  caller: Caller,
  id: string,
): Promise<Job> => {
  const job = await jobs.read(caller.tenant.id, isBinaryId(id) ? id : nobodysId);
  if (job === undefined || job.userId !== caller.userId) throw binaryNotFound(id);
  const expiry = expiryOf(job, retention);
  if (expiry <= clock.now()) throw gone(job.deletedAt ?? expiry);
  return job;
};

/** Refuses a Binary that was deleted: `GENERAL_RESOURCE_DELETED`, with a next step where there is one to tell. */
export const requireUndeleted = (job: Job, details?: Pick<ErrorDetails, 'cause'>): Job => {
  if (job.deletedAt !== undefined) throw gone(job.deletedAt, details);
  return job;
};

/**
 * Answers from the caller's own Binary. Bytes that are gone because a DELETE came in between are answered as deleted, not as lost.
 *
 * @throws ServiceError as {@link findOwnBinary} and {@link requireUndeleted}, and whatever `answer` throws
 */
export const answerFromOwnBinary = async <Answer>(
  dependencies: OwnBinaryDependencies,
  caller: Caller,
  id: string,
  answer: (job: Job) => Promise<Answer>,
): Promise<Answer> => {
  const read = async () => requireUndeleted(await findOwnBinary(dependencies, caller, id));
  const job = await read();
  try {
    return await answer(job);
  } catch (error) {
    if (error instanceof ServiceError && error.details.reason === 'content-missing') await read();
    throw error;
  }
};
