import { type Backlog, type BacklogAge, measureBacklog } from '../jobs/backlog.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';

/** What looking at the backlog needs. */
export interface BacklogDependencies {
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How far behind the service is, for `TICK_COMPLETED`, whose metrics alarms watch.
 *
 * @returns undefined where the index does not answer (`BACKLOG_NOT_MEASURED`). Never rejects: a tick has more urgent things to do
 */
export const lookAtBacklog = async ({
  backlog,
  clock,
  logger,
}: BacklogDependencies): Promise<BacklogAge | undefined> => {
  try {
    const now = clock.now();
    return measureBacklog(await backlog.listOpen(now), now);
  } catch (error) {
    const { errorName, reason } = describeError(error);
    logger.log('BACKLOG_NOT_MEASURED', { errorName, reason });
    return undefined;
  }
};
