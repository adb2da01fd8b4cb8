import type { TickDependencies } from './redrive-stale-jobs.ts';
import { redriveStaleJobs } from './redrive-stale-jobs.ts';

/** The dispatcher Lambda's entry: any event is a tick. Rejects when the tick could not look at the open jobs at all. */
export type DispatcherHandler = (event: unknown) => Promise<void>;

/** Wires the dispatcher around its dependencies. */
export const createDispatcherHandler =
  (dependencies: TickDependencies): DispatcherHandler =>
  async () => {
    const { clock, logger } = dependencies;
    const begun = clock.now();
    const summary = await redriveStaleJobs(dependencies);
    logger.log('TICK_COMPLETED', { ...summary, milliseconds: clock.now() - begun });
  };
