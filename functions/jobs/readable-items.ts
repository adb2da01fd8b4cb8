import { describeError, type Logger } from '../platform/logger.ts';
import type { JobItem } from './job-item.ts';

/**
 * What can be read of the items of an index, in their order. An item that cannot be is left out, so that it stops no other, and told by
 * its key: `JOB_ITEM_UNREADABLE`.
 *
 * @param read throws for a damaged item
 */
export const readableItems = <Read>(
  items: readonly Record<string, unknown>[] | undefined,
  read: (item: JobItem) => Read,
  logger: Logger,
): Read[] =>
  (items ?? []).flatMap((item) => {
    try {
      return [read(item as unknown as JobItem)];
    } catch (error) {
      logger.log('JOB_ITEM_UNREADABLE', { key: String(item['pk']), ...describeError(error) });
      return [];
    }
  });
