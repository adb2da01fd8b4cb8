import type { DeadLetters } from '../jobs/dead-letters.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import { describeError, type Logger } from '../platform/logger.ts';

/** What counting needs. */
export interface CountDependencies {
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
}

/**
 * How many dead letters wait for an operator, told by `DEAD_LETTERS_WAITING` where there are any: with every tick until they are gone, so
 * that an alarm on it goes off and on by itself.
 *
 * @returns undefined where the queue does not answer (`DEAD_LETTERS_NOT_COUNTED`). Never rejects: a tick has more urgent things to do
 */
export const countDeadLetters = async ({ deadLetters, logger }: CountDependencies): Promise<number | undefined> => {
  try {
    const count = await deadLetters.count();
    if (count > 0) logger.log('DEAD_LETTERS_WAITING', { count });
    return count;
  } catch (error) {
    const { errorName, reason } = describeError(error);
    if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { reason });
    logger.log('DEAD_LETTERS_NOT_COUNTED', { errorName, reason });
    return undefined;
  }
};
