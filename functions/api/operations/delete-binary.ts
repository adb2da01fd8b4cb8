import type { Caller } from '../../auth/caller.ts';
import type { BinaryEraser } from '../../binaries/binary-content.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { deletedOutcome } from '../../fhir/deleted-outcome.ts';
import { currentVersion, type Job, sweepAfter } from '../../jobs/job.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { toETag } from '../binary-resource.ts';
import { namesVersion } from '../entity-tags.ts';
import type { Operation } from '../operation.ts';
import { binaryRole, findOwnBinary, type OwnBinaryDependencies, requireUndeleted } from '../own-binary.ts';

/** What deleting needs. */
export interface DeleteDependencies extends OwnBinaryDependencies {
  readonly eraser: BinaryEraser;
}

/** A job changes a handful of times in its life; whoever loses more races than that meets something else. */
const mostRaces = 8;

const requireMatch = (job: Job, ifMatch: string | undefined): void => {
  if (ifMatch !== undefined && !namesVersion(ifMatch, toETag(currentVersion(job)))) {
    throw new ServiceError('GENERAL_PRECONDITION_FAILED');
  }
};

/**
 * The record first: from then on no version is readable and no worker's write is applied. A job that changed in between is looked
 * at again, so that `If-Match` holds for what is deleted.
 */
const removeRecord = async (
  dependencies: DeleteDependencies,
  caller: Caller,
  id: string,
  ifMatch: string | undefined,
  signal: AbortSignal,
): Promise<Job> => {
  const { jobs, clock } = dependencies;
  for (let race = 0; race < mostRaces; race += 1) {
    const seen = await findOwnBinary(dependencies, caller, id);
    // Deleted, but not erased: an earlier DELETE failed half-way, and this one finishes it.
    if (seen.deletedAt !== undefined && seen.erasedAt === undefined) return seen;
    requireMatch(requireUndeleted(seen), ifMatch);
    const deletedAt = clock.now();
    const removal = { deletedAt, due: deletedAt + sweepAfter };
    signal.throwIfAborted();
    const { outcome, job } = await jobs.remove(seen.tenantId, seen, removal);
    if (outcome === 'applied') return job;
  }
  throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'deletion-raced' });
};

/**
 * `DELETE Binary/{id}`: erases all versions and cancels a job that has not ended. When it answers 200 no bytes are left (I12); when
 * erasing them fails it answers 503 and the next DELETE goes on. Bytes that a worker writes even later are swept by the dispatcher.
 */
export const createDeleteBinary = (dependencies: DeleteDependencies): Operation => ({
  name: 'Binary delete',
  role: binaryRole,
  ordersReports: false,
  readsBody: false,
  requireFormat: ({ wish }) => requireFhirJson(wish),
  async run({ request, caller, captured: [id = ''], signal }) {
    const { jobs, clock, eraser } = dependencies;
    const { tenantId, binaryId } = await removeRecord(dependencies, caller, id, request.header('if-match'), signal);
    await eraser.eraseAll(tenantId, binaryId);
    await jobs.markErased(tenantId, binaryId, { erasedAt: clock.now(), swept: false });
    return { status: 200, body: { kind: 'resource', resource: deletedOutcome } };
  },
});
