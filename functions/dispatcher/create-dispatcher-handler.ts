import { type CountDependencies, countDeadLetters } from './count-dead-letters.ts';
import { redriveStaleJobs, type TickDependencies } from './redrive-stale-jobs.ts';

/** The dispatcher Lambda's entry: any event is a tick. Rejects when the tick could not look at the open jobs at all. */
export type DispatcherHandler = (event: unknown) => Promise<void>;

/** Everything the dispatcher needs. */
export type DispatcherDependencies = TickDependencies & CountDependencies;

/** Wires the dispatcher around its dependencies. The dead letters are counted beside the jobs, so that a queue that hangs costs them no time. */
export const createDispatcherHandler =
  (dependencies: DispatcherDependencies): DispatcherHandler =>
  async () => {
    const { clock, logger } = dependencies;
    const begun = clock.now();
    const [summary, deadLetters] = await Promise.all([redriveStaleJobs(dependencies), countDeadLetters(dependencies)]);
    logger.log('TICK_COMPLETED', { ...summary, deadLetters, milliseconds: clock.now() - begun });
  };
