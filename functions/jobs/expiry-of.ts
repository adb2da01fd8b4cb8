import type { Job } from './job.ts';

/**
 * When a job's Binary counts as deleted, in milliseconds: what it was given when it was ordered, or less where retention has been shortened
 * since, because the bucket's lifecycle follows that at once.
 *
 * @param retention as it is set now, in milliseconds
 */
export const expiryOf = ({ created, expires }: Pick<Job, 'created' | 'expires'>, retention: number): number =>
  Math.min(expires, created + retention);
