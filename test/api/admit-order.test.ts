import { describe, expect, test } from 'vitest';
import { type AskingOrder, createOrderAdmission } from '../../functions/api/admit-order.ts';
import type { RecentPaces } from '../../functions/api/recent-paces.ts';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { sampleTime } from '../support/sample-job.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const create = (generating?: number) => {
  const clock = createManualClock();
  const jobs = createInMemoryJobStore();
  let asked = 0;
  const paces: RecentPaces = {
    of: async () => (generating === undefined ? undefined : { generating, waiting: 90_000, measured: sampleTime }),
  };
  const admit = createOrderAdmission({
    clock,
    ids: createCountedIds(),
    paces,
    jobs: {
      admit: (...call) => {
        asked += 1;
        return jobs.admit(...call);
      },
    },
  });
  return { admit, clock, asked: () => asked };
};

const order = (mode: AskingOrder['mode'] = 'execute', own: Partial<Tenant> = {}): AskingOrder => ({
  caller: { tenant: sampleTenant({ openJobs: { execute: 1, schedule: 1 }, ...own }) },
  mode,
  report: 'PatientsUsageReport',
});

const refusalOf = async (admitted: Promise<number>): Promise<ServiceError> => {
  const error = await admitted.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServiceError)) throw new Error('the order was not refused');
  return error;
};

describe('an order', () => {
  test('H66: is admitted at a time that its job is created at', async () => {
    const { admit, clock } = create();
    expect(await admit(order())).toBe(clock.now());
  });
  test('H66: beyond the limit is throttled, with a cause that names the limit and what to do', async () => {
    const { admit } = create();
    await admit(order());
    expect(await refusalOf(admit(order()))).toMatchObject({
      code: 'GENERAL_THROTTLED',
      details: {
        cause: expect.stringMatching(/^1 reports that were ordered with \$execute-… are not finished.*delete/),
        reason: 'open-jobs-execute',
      },
    });
  });
  test.each([
    [undefined, 5],
    [200, 5],
    [12_001, 13],
    [900_000, 60],
  ])('H66: with reports that take %s ms is to come back after %i s', async (generating, seconds) => {
    const { admit } = create(generating);
    await admit(order());
    expect((await refusalOf(admit(order()))).details.retryAfterSeconds).toBe(seconds);
  });
  test('H66: for a night that is full is to come back when that night begins, and within it after the next tick', async () => {
    const { admit, clock } = create(200);
    await admit(order('schedule'));
    const begins = Date.UTC(2026, 3, 16, 23);
    const wait = async () => (await refusalOf(admit(order('schedule')))).details.retryAfterSeconds;
    expect(await wait()).toBe(Math.ceil((begins - sampleTime) / 1000));
    clock.advance(begins - sampleTime - 500);
    await admit(order('schedule'));
    expect(await wait()).toBe(60);
  });
  test("H66: of one mode or tenant is not refused for another's", async () => {
    const { admit, clock } = create();
    await admit(order());
    await refusalOf(admit(order()));
    expect(await admit(order('schedule'))).toBe(clock.now());
    expect(await admit(order('execute', { id: restoreTenantId('other') }))).toBe(clock.now());
  });
});

describe('who was refused', () => {
  test('H66: is refused for a second without asking the store, and asks again after it', async () => {
    const { admit, clock, asked } = create();
    await admit(order());
    for (let n = 0; n < 20; n += 1) await refusalOf(admit(order()));
    expect(asked()).toBe(2);
    clock.advance(1000);
    await refusalOf(admit(order()));
    expect(asked()).toBe(3);
    clock.advance(10_000);
    expect(await admit(order())).toBe(clock.now());
  });
  test('is not refused forever by a clock that was set back', async () => {
    const { admit, clock, asked } = create();
    await admit(order());
    await refusalOf(admit(order()));
    clock.advance(-3_600_000);
    await refusalOf(admit(order()));
    expect(asked()).toBe(3);
  });
  test('is not remembered where the store does not answer', async () => {
    const down = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
    const clock = createManualClock();
    const paces: RecentPaces = { of: async () => undefined };
    const answers = [() => Promise.reject(down), async () => true];
    const jobs = { admit: () => answers.shift()?.() ?? Promise.resolve(false) };
    const admit = createOrderAdmission({ jobs, clock, ids: createCountedIds(), paces });
    expect((await refusalOf(admit(order()))).code).toBe('GENERAL_DEPENDENCY_UNAVAILABLE');
    expect(await admit(order())).toBe(clock.now());
  });
  test('H66: costs nothing when two hundred orders come at once: one that is refused is asked for, and no other', async () => {
    const { admit, asked } = create();
    const admitted = Array.from({ length: 200 }, () =>
      admit(order()).then(
        () => 1,
        () => 0,
      ),
    );
    expect((await Promise.all(admitted)).reduce<number>((sum, one) => sum + one, 0)).toBe(1);
    expect(asked()).toBe(2);
  });
});
