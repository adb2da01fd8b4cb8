import type { Job } from '../jobs/job.ts';
import { describeReservation, type Reservation } from '../jobs/reservation.ts';
import { ServiceError } from '../platform/service-error.ts';
import { requireUndeleted } from './own-binary.ts';
import { logIds, newIds, type Order, type PlacedJob, type PlacingDependencies, placeAdmitted } from './place-job.ts';

/** The client named a key and no resource, so it is the key that the answer has to tell of. */
const requireReport = (job: Job): Job =>
  requireUndeleted(job, { cause: 'The Idempotency-Key stands for this report. Order with another key.' });

/** The job that a reservation stands for, unless it is still to be placed; one that a repeated order gets takes no place. */
const findPlaced = async (
  { jobs, logger }: PlacingDependencies,
  order: Order,
  { binaryId }: Reservation,
): Promise<PlacedJob | undefined> => {
  const there = await jobs.read(order.caller.tenant.id, binaryId);
  if (there === undefined) return undefined;
  const job = requireReport(there);
  logger.log('ORDER_REPEATED', logIds(order, job));
  return { job };
};

/** The reservation that holds a key, for the order that it was made for. */
const requireSameOrder = (held: Reservation, wanted: Reservation): Reservation => {
  if (held.digest !== wanted.digest) throw new ServiceError('REPORTING_IDEMPOTENCY_KEY_REUSED');
  return held;
};

/**
 * Places the one job that an idempotency key stands for, or finds it placed. The key is reserved first, so that all who order with it
 * do so under the same ids; one that was reserved and never placed, because its order broke off in between, is placed now.
 *
 * @returns the job, whatever has become of it since
 * @throws ServiceError `REPORTING_IDEMPOTENCY_KEY_REUSED` when the key stands for another order, `GENERAL_RESOURCE_DELETED` when its
 *   user has deleted the report: a repeated order brings nothing back; `GENERAL_THROTTLED` as {@link placeJob}, for a job that is not placed
 */
export const placeJobOnce = async (
  dependencies: PlacingDependencies,
  order: Order,
  idempotencyKey: string,
): Promise<PlacedJob> => {
  const { jobs, clock } = dependencies;
  const { tenant, userId } = order.caller;
  const { operation, parameters } = order;
  const keyed = { userId, idempotencyKey, operation, parameters };
  const wanted = describeReservation(keyed, newIds(dependencies), clock.now());
  const earlier = await jobs.findReservation(tenant.id, wanted.key, wanted.created);
  const repeated = earlier && (await findPlaced(dependencies, order, requireSameOrder(earlier, wanted)));
  if (repeated !== undefined) return repeated;
  const created = await dependencies.admit(order);
  const held = requireSameOrder(earlier ?? (await jobs.reserve(tenant.id, wanted)), wanted);
  // Another order may have been faster with its reservation, and has placed the job by now. One's own is new, an earlier one was looked at above.
  const isFromAnother = held !== earlier && held.jobId !== wanted.jobId;
  const there = isFromAnother ? await findPlaced(dependencies, order, held) : undefined;
  if (there !== undefined) return there;
  const placed = await placeAdmitted(dependencies, order, { ...held, created });
  requireReport(placed.job);
  return placed;
};
