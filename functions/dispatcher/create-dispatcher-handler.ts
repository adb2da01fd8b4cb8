import { type CountDependencies, countDeadLetters } from './count-dead-letters.ts';
import { type BacklogDependencies, lookAtBacklog } from './look-at-backlog.ts';
import { redriveStaleJobs, type TickDependencies } from './redrive-stale-jobs.ts';

/** The dispatcher Lambda's entry: any event is a tick. Rejects when the tick could not look at the open jobs at all. */
export type DispatcherHandler = (event: unknown) => Promise<void>;

/** Everything the dispatcher needs. */
export type DispatcherDependencies = TickDependencies & CountDependencies & BacklogDependencies;

/** Wires the dispatcher around its dependencies. Dead letters are counted and the backlog is measured beside the jobs, so that what hangs costs them no time. */
export const createDispatcherHandler =
  (dependencies: DispatcherDependencies): DispatcherHandler =>
  async () => {
    const { clock, logger } = dependencies;
    const begun = clock.now();
    const [summary, deadLetters, backlog] = await Promise.all([
      redriveStaleJobs(dependencies),
      countDeadLetters(dependencies),
      lookAtBacklog(dependencies),
    ]);
    logger.log('TICK_COMPLETED', { ...summary, deadLetters, ...backlog, milliseconds: clock.now() - begun });
  };
