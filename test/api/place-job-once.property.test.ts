import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOrderAdmission } from '../../functions/api/admit-order.ts';
import type { Order, PlacingDependencies } from '../../functions/api/place-job.ts';
import { placeJobOnce } from '../../functions/api/place-job-once.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { sampleCaller } from '../support/create-test-api.ts';
import { createInMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

const order = (mode: Order['mode'], requestId: string): Order => ({
  signal: new AbortController().signal,
  caller: sampleCaller(),
  report: 'PatientsUsageReport',
  operation: `$${mode}-patient-usage-stats`,
  mode,
  parameters: [{ name: 'anonymization', valueString: 'None' }],
  requestId,
});

type Call = () => Promise<unknown>;

/** Stores in memory, every call of which goes through `pass`. */
const startStores = (pass: (call: Call) => Promise<unknown>) => {
  const jobs = createInMemoryJobStore();
  const sent: string[] = [];
  const queue = { send: async (_tenantId: unknown, binaryId: string) => void sent.push(binaryId) };
  const guarded = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]) => pass(async () => Reflect.apply(method, target, given));
      },
    });
  const clock = createManualClock();
  const ids = createCountedIds();
  const dependencies: PlacingDependencies = {
    jobs: guarded(jobs),
    admit: createOrderAdmission({ jobs: guarded(jobs), clock, ids, paces: { of: async () => undefined } }),
    queue: guarded(queue),
    clock,
    ids,
    logger: createRecordedLog(),
    rules: { requeueAfter: 60_000, deadlineMargin: 90_000 },
    executeDeadline: 900_000,
    retention: 90 * 24 * 3_600_000,
  };
  return { jobs, sent, dependencies };
};

describe.each(['execute', 'schedule'] as const)('$%s with an Idempotency-Key', (mode) => {
  test('however orders with one key meet, there is one job, one message at most, and all are told the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, callers) => {
        const { jobs, sent, dependencies } = startStores(async (call) => {
          await scheduler.schedule(Promise.resolve());
          const result = await call();
          await scheduler.schedule(Promise.resolve());
          return result;
        });
        const placing = Array.from({ length: callers }, (_, n) =>
          placeJobOnce(dependencies, order(mode, `request-${n}`), 'key'),
        );
        await scheduler.waitIdle();
        const placed = await Promise.all(placing);
        expect(jobs.all()).toHaveLength(1);
        for (const { job } of placed) expect(job).toEqual(jobs.all()[0]);
        await Promise.all(placed.map(({ message }) => message));
        expect(sent).toHaveLength(mode === 'execute' ? 1 : 0);
      }),
      { numRuns: 200 },
    );
  });

  test('wherever an order breaks off, before or after any of its calls, the next one with its key makes it whole', async () => {
    let broken = 0;
    for (const side of ['before', 'after'] as const) {
      for (let at = 1; at <= 10; at += 1) {
        let calls = 0;
        let breaks = true;
        const { jobs, dependencies } = startStores(async (call) => {
          calls += 1;
          const isHere = breaks && calls === at;
          if (isHere && side === 'before') throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
          const result = await call();
          if (isHere) throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
          return result;
        });
        const first = await placeJobOnce(dependencies, order(mode, 'request-1'), 'key').catch(() => undefined);
        if (first === undefined) broken += 1;
        breaks = false;
        const second = await placeJobOnce(dependencies, order(mode, 'request-2'), 'key');
        expect(jobs.all()).toEqual([second.job]);
        if (first !== undefined) expect(second.job).toEqual(first.job);
        // Whether its message was sent or not: the dispatcher finds it.
        expect(second.job.due).toBeGreaterThan(second.job.created);
      }
    }
    expect(broken).toBeGreaterThanOrEqual(6);
  });
});
