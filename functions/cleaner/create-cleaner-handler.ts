import type { Context } from 'aws-lambda';
import { ServiceError } from '../platform/service-error.ts';
import { type CleaningDependencies, removeOrphans } from './remove-orphans.ts';

/** What the cleaner needs. */
export interface CleanerDependencies extends CleaningDependencies {
  /** From an order to the first look at what is stored for it, in milliseconds. */
  readonly orphanAge: number;
}

/**
 * The cleaner Lambda's entry. A scheduled event looks at the orders of one day, as old as the settings say; an event with
 * `orderedSince` (an ISO 8601 time) looks at all from then on, for an operator after an outage.
 * Rejects when bucket or table do not answer: each order is looked at by four runs.
 */
export type CleanerHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

/** The orders that a scheduled run looks at were placed within this time, in milliseconds: four runs six hours apart look at each. */
export const windowLength = 24 * 60 * 60_000;

/** Kept back of the function's time, in milliseconds, so that a run ends in good order. */
const reserveMillis = 30_000;

const readOrderedSince = (event: unknown): number | undefined => {
  if (typeof event !== 'object' || event === null || !('orderedSince' in event)) return undefined;
  const millis = Date.parse(String(event.orderedSince));
  if (Number.isNaN(millis)) throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'cleaner-event' });
  return millis;
};

/** Wires the cleaner around its dependencies. */
export const createCleanerHandler =
  (dependencies: CleanerDependencies): CleanerHandler =>
  async (event, context) => {
    const { clock, logger, orphanAge } = dependencies;
    const begun = clock.now();
    const to = begun - orphanAge;
    const window = { from: readOrderedSince(event) ?? to - windowLength, to };
    const stopAt = begun + context.getRemainingTimeInMillis() - reserveMillis;
    const summary = await removeOrphans(dependencies, window, stopAt);
    logger.log('CLEANING_COMPLETED', { ...summary, milliseconds: clock.now() - begun });
  };
