import type { TenantId } from '../functions/auth/tenant.ts';
import { isOpen, type Job } from '../functions/jobs/job.ts';
import type { JobMessage } from '../functions/jobs/job-message.ts';
import type { RedriveRow } from './redrive-row.ts';

/** What is done with a dead letter, and why. */
export type DeadLetterDecision = Pick<RedriveRow, 'why'> & { readonly outcome: 'queue' | 'delete' | 'keep' };

/** Which dead letters are deleted although they would be kept. */
export interface Discarding {
  /** Message ids, whatever the messages hold. */
  readonly discard: ReadonlySet<string>;
  /** A tenant: those of its messages whose jobs are not in the table, as after an erasure. */
  readonly discardOf?: TenantId;
}

/** What is right for a dead letter whose job is as given. Pure. */
export const decideDeadLetter = (
  messageId: string,
  message: JobMessage | undefined,
  job: Job | undefined,
  { discard, discardOf }: Discarding,
): DeadLetterDecision => {
  if (discard.has(messageId)) return { outcome: 'delete', why: 'discarded by its message id' };
  if (message === undefined) return { outcome: 'keep', why: 'not a message of this service; --discard deletes it' };
  if (job === undefined && message.tenantId === discardOf) {
    return { outcome: 'delete', why: 'there is no such job in this table, and its tenant is to be discarded' };
  }
  // Also what a wrong --table looks like, so it is not deleted by itself.
  if (job === undefined) return { outcome: 'keep', why: 'there is no such job in this table; --discard deletes it' };
  if (job.deletedAt !== undefined) return { outcome: 'delete', why: 'its Binary was deleted' };
  if (!isOpen(job))
    return { outcome: 'delete', why: `its job has ended${job.status === 'FAILED' ? '; --binary reopens it' : ''}` };
  if (job.releaseAt !== undefined) return { outcome: 'delete', why: 'its job waits for its night' };
  return { outcome: 'queue', why: 'its job is open: queue it again, then delete this' };
};
