import { beforeEach, expect, test } from 'vitest';
import { createRecentPaces } from '../../functions/api/recent-paces.ts';
import type { ReportPaceStore } from '../../functions/jobs/report-pace.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { demoTenant } from '../support/sample-job.ts';

let clock = createManualClock();
let logger = createRecordedLog();
let asked: string[] = [];
beforeEach(() => {
  clock = createManualClock();
  logger = createRecordedLog();
  asked = [];
});

const createPaces = (
  read: ReportPaceStore['read'] = async () => ({ generating: asked.length, waiting: 0, measured: 0 }),
) =>
  createRecentPaces({
    store: {
      read: (tenantId, report) => {
        asked.push(report);
        return read(tenantId, report);
      },
      write: async () => {},
    },
    clock,
    logger,
  });

test('a pace is read once in ten seconds, however often it is asked for', async () => {
  const paces = createPaces();
  await Promise.all([paces.of(demoTenant, 'a'), paces.of(demoTenant, 'a')]);
  clock.advance(9999);
  await paces.of(demoTenant, 'a');
  expect(asked).toEqual(['a']);
  clock.advance(1);
  expect(await paces.of(demoTenant, 'a')).toMatchObject({ generating: 2 });
});

test('a clock that was set back does not keep a pace for ever', async () => {
  const paces = createPaces();
  await paces.of(demoTenant, 'a');
  clock.advance(-60_000);
  await paces.of(demoTenant, 'a');
  expect(asked).toHaveLength(2);
});

test('a store that fails is no pace, is told once, and is left in peace for ten seconds', async () => {
  const paces = createPaces(async () => {
    throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'report-pace Throttled' });
  });
  expect(await paces.of(demoTenant, 'a')).toBeUndefined();
  expect(await paces.of(demoTenant, 'a')).toBeUndefined();
  expect(asked).toHaveLength(1);
  expect(logger.of('PACE_NOT_READ')).toEqual([
    { tenant: 'demo', reason: 'report-pace Throttled', errorName: 'ServiceError' },
  ]);
});

test('no more than a thousand paces are kept', async () => {
  const paces = createPaces();
  for (let at = 0; at <= 1000; at += 1) await paces.of(demoTenant, `r${at}`);
  await paces.of(demoTenant, 'r1000');
  await paces.of(demoTenant, 'r1');
  expect(asked).toHaveLength(1001);
  await paces.of(demoTenant, 'r0');
  expect(asked).toHaveLength(1002);
});
