import { expect, test } from 'vitest';
import { type WarmUps, warmUp } from '../../functions/platform/warm-up.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

/** A start that is under way. */
const begin = (warmUps: WarmUps) => {
  const clock = createManualClock();
  const timers = createManualTimers(clock);
  const logger = createRecordedLog();
  const ready = warmUp(warmUps, { clock, timers, logger });
  return { ready, timers, logger };
};

const hang = () => new Promise<never>(() => {});

test('everything is begun at once; where all of it is done nothing is said, and no timer is left', async () => {
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const warm = (name: string) => async () => {
    begun.push(name);
    await gate.promise;
  };
  const { ready, timers, logger } = begin({ tenants: warm('tenants'), s3: warm('s3') });
  expect(begun).toEqual(['tenants', 's3']);
  gate.resolve();
  await ready;
  expect([logger.entries, timers.pending]).toEqual([[], 0]);
});

test('what fails keeps nothing from being done, and is named', async () => {
  let done = 0;
  const refuse = () => Promise.reject(new Error('down'));
  const throwNow = () => {
    throw new Error('broken');
  };
  const { ready, logger } = begin({ tenants: refuse, s3: throwNow, sqs: () => done++ });
  await ready;
  expect(done).toBe(1);
  expect(logger.of('WARM_UP_INCOMPLETE')).toEqual([{ missing: 'tenants s3', milliseconds: 0 }]);
});

test('after two seconds a container starts, whatever hangs', async () => {
  const { ready, timers, logger } = begin({ tenants: hang, s3: async () => {} });
  let isReady = false;
  ready.then(() => {
    isReady = true;
  });
  await timers.pass(1999);
  expect(isReady).toBe(false);
  await timers.pass(1);
  await ready;
  expect(logger.of('WARM_UP_INCOMPLETE')).toEqual([{ missing: 'tenants', milliseconds: 2000 }]);
});
