import type { ImportQueue } from '../imports/import-queue.ts';
import type { DueImport, ImportIndex } from '../imports/import-store.ts';
import { describeError } from '../platform/logger.ts';
import { type EndDependencies, endIfOver } from './end-import.ts';

/** What a tick needs. */
export interface ImportTickDependencies extends EndDependencies {
  readonly index: ImportIndex;
  readonly queue: ImportQueue;
}

/** What a tick did, in numbers of imports. */
export interface ImportTickSummary {
  due: number;
  queued: number;
  ended: number;
  /** Could not be dealt with; left to the next tick. */
  failed: number;
}

/** Each tenant has one import at most, so this is a number of tenants. */
const mostPerTick = 500;
const width = 8;

const settle = async (
  dependencies: ImportTickDependencies,
  { tenantId, importId }: DueImport,
): Promise<'queued' | 'ended' | 'failed'> => {
  const { imports, queue, logger } = dependencies;
  try {
    const seen = await imports.read(tenantId);
    if (seen !== undefined && (await endIfOver(dependencies, seen))) return 'ended';
    await queue.send(tenantId, importId);
    return 'queued';
  } catch (error) {
    logger.log('IMPORT_NOT_QUEUED', { tenant: tenantId, importId, ...describeError(error) });
    return 'failed';
  }
};

/**
 * One tick: ends imports that are over their time, and queues those that are due. Steps do not queue each other: AWS Lambda stops chains of
 * invocations that go round more than 16 times ("recursive loop detection"), and each tick begins a new one.
 *
 * @throws ServiceError when the index does not answer; one import's failure stops no other
 */
export const queueDueImports = async (dependencies: ImportTickDependencies): Promise<ImportTickSummary> => {
  const found = [...(await dependencies.index.findDue(dependencies.clock.now(), mostPerTick))];
  const summary: ImportTickSummary = { due: found.length, queued: 0, ended: 0, failed: 0 };
  const work = async () => {
    for (let one = found.shift(); one !== undefined; one = found.shift()) summary[await settle(dependencies, one)] += 1;
  };
  await Promise.all(Array.from({ length: width }, work));
  return summary;
};
