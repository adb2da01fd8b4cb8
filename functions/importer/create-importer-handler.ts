import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readImportMessage } from '../imports/import-message.ts';
import { isRefusal } from '../platform/dependency-error.ts';
import { describeError } from '../platform/logger.ts';
import { beginNightlyImports, type NightlyDependencies } from './begin-nightly-imports.ts';
import { type DatingDependencies, dateDataSets } from './date-data-sets.ts';
import { type ImportDependencies, processImport } from './process-import.ts';
import { type ImportTickDependencies, queueDueImports } from './queue-due-imports.ts';

/** Everything the importer needs. */
export type ImporterDependencies = ImportDependencies &
  ImportTickDependencies &
  NightlyDependencies &
  DatingDependencies;

/**
 * The importer Lambda's entry. A batch of queue messages is worked on, and those to be delivered again come out; any other event is a
 * tick. Rejects when a tick could not look at what is due at all.
 */
export type ImporterHandler = (
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<SQSBatchResponse | undefined>;

const isQueueEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && Array.isArray(Reflect.get(event, 'Records'));

/** Whether the queue is to deliver the message again. */
const processRecord = async (
  dependencies: ImporterDependencies,
  { messageId, body }: SQSRecord,
  remaining: number,
): Promise<boolean> => {
  const { logger } = dependencies;
  const message = readImportMessage(body);
  if (message === undefined) {
    logger.log('MESSAGE_UNUSABLE', { messageId, reason: 'not-an-import' });
    return true;
  }
  try {
    await processImport(dependencies, message, remaining);
    return false;
  } catch (error) {
    const { tenantId: tenant } = message;
    if (isRefusal(error)) logger.log('DEPENDENCY_REFUSED', { messageId, tenant, reason: error.details.reason });
    logger.log('MESSAGE_NOT_PROCESSED', { messageId, tenant, ...describeError(error) });
    return true;
  }
};

/** Wires the importer around its dependencies. */
export const createImporterHandler =
  (dependencies: ImporterDependencies): ImporterHandler =>
  async (event, context) => {
    const { clock, logger } = dependencies;
    if (isQueueEvent(event)) {
      const batchItemFailures: { itemIdentifier: string }[] = [];
      for (const record of event.Records) {
        const isLeft = await processRecord(dependencies, record, context.getRemainingTimeInMillis());
        if (isLeft) batchItemFailures.push({ itemIdentifier: record.messageId });
      }
      return { batchItemFailures };
    }
    const started = clock.now();
    // What is begun now is due at once, and queued with the rest.
    const begun = await beginNightlyImports(dependencies);
    const [summary] = await Promise.all([queueDueImports(dependencies), dateDataSets(dependencies)]);
    logger.log('IMPORT_TICK_COMPLETED', { begun, ...summary, milliseconds: clock.now() - started });
    return undefined;
  };
