import { beforeEach, expect, test } from 'vitest';
import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import type { OrderWindow } from '../../functions/binaries/binary-inventory.ts';
import { type CleanerHandler, createCleanerHandler } from '../../functions/cleaner/create-cleaner-handler.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant } from '../support/sample-job.ts';

const hour = 60 * 60_000;
const clock = createManualClock();
const context = { getRemainingTimeInMillis: () => 300_000 };

let content: InMemoryContent;
let asked: OrderWindow[];
let logger: RecordedLog;
let handler: CleanerHandler;

beforeEach(() => {
  asked = [];
  logger = createRecordedLog();
  content = createInMemoryContent();
  const inventory = {
    ...content,
    async *tenants() {
      yield demoTenant;
    },
    binaries(...[tenantId, window]: Parameters<typeof content.binaries>) {
      asked.push(window);
      return content.binaries(tenantId, window);
    },
  };
  handler = createCleanerHandler({
    inventory,
    jobs: createInMemoryJobStore(),
    clock,
    ids: randomIds,
    logger,
    orphanAge: 48 * hour,
  });
});

test('A25: a scheduled run looks at the orders that are between two and three days old', async () => {
  await handler({ source: 'aws.events' }, context);
  expect(asked).toEqual([{ from: clock.now() - 72 * hour, to: clock.now() - 48 * hour }]);
  expect(logger.of('CLEANING_COMPLETED')).toEqual([
    { binaries: 0, unnamed: 0, unrecorded: 0, lost: 0, open: 0, unreadable: 0, milliseconds: 0 },
  ]);
});

test('an operator has it look at everything since a time, and never at what is younger', async () => {
  await handler({ orderedSince: '2026-01-01T00:00:00Z' }, context);
  expect(asked).toEqual([{ from: Date.UTC(2026, 0, 1), to: clock.now() - 48 * hour }]);
});

test('an event with an unreadable time is refused', async () => {
  await expect(handler({ orderedSince: 'last week' }, context)).rejects.toMatchObject({
    details: { reason: 'cleaner-event' },
  });
  expect(asked).toEqual([]);
});

test('a run stops half a minute before the function is stopped', async () => {
  const binaryId = randomIds.sortableUuid(clock.now() - 50 * hour);
  await content.put(demoTenant, { key: contentKey(demoTenant, binaryId, 1, 'a'), ...placeholder });
  await handler({}, { getRemainingTimeInMillis: () => 30_000 });
  expect(logger.of('CLEANING_CUT_SHORT')).toEqual([{ binaries: 0 }]);
  await handler({}, { getRemainingTimeInMillis: () => 30_001 });
  expect(logger.of('CLEANING_COMPLETED')).toMatchObject([{ unrecorded: 0 }, { unrecorded: 1 }]);
});
