import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import type { Job, JobMode } from '../../functions/jobs/job.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { describeReservation } from '../../functions/jobs/reservation.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from './sample-job.ts';

/** From when on a place is free again that nothing holds any more. */
const settled = 10_000;
const failure = { code: 'DATA_SET_MALFORMED', cause: 'a.ndjson line 3: not JSON' } as const;

/** How every job store admits orders. `create` gives an empty store. */
export const describeAdmissions = (create: () => Promise<JobStore>): void => {
  let store: JobStore;
  beforeEach(async () => {
    store = await create();
  });
  let asked = 0;
  const admit = (now: number, limit = 2, mode: JobMode = 'execute', tenantId: TenantId = demoTenant) =>
    store.admit(tenantId, { mode, now, limit, writer: `order-${asked++}` });
  const admitMany = async (count: number, now: number, limit: number) => {
    const admitted = await Promise.all(Array.from({ length: count }, () => admit(now, limit)));
    return admitted.filter(Boolean).length;
  };
  const order = async (last: string, own: Partial<Job> = {}) => {
    const job = sampleJob({ binaryId: sampleBinaryId(last), ...own });
    expect(await admit(job.created, 2, job.mode, job.tenantId)).toBe(true);
    await store.place(job.tenantId, job);
    return job;
  };
  /** Whether the second of two places is free, the first being held by an order of a while ago. */
  const isSecondFree = (now = sampleTime + settled) => admit(now);
  const orderBoth = async (own: Partial<Job> = {}) => [await order('1', own), await order('2', own)] as const;

  const claim = (job: Job) =>
    store.claim(job.tenantId, job.binaryId, {
      lease: { token: 'a', until: sampleTime + 60_000 },
      now: sampleTime,
      maxAttempts: 4,
      deadlineMargin: 90_000,
    });
  const ending = (job: Job) => ({
    ended: sampleTime + 1,
    version: describeFailedVersion(job, failure, 'a', sampleTime + 1),
  });

  describe('admit', () => {
    test('H66: of fifty that ask at once as many are admitted as there are places', async () => {
      expect(await admitMany(50, sampleTime, 20)).toBe(20);
    });
    test('H66: of fifty that ask at once when some places are held, as many as are free', async () => {
      await orderBoth();
      expect(await admitMany(50, sampleTime + settled, 20)).toBe(18);
      expect(await admitMany(50, sampleTime + settled + 6000, 20)).toBe(0);
    });
    test('H66: an open job holds its place however long it takes', async () => {
      await orderBoth();
      for (const later of [1, 4999, 5000, settled, 60_000, 600_000])
        expect(await admit(sampleTime + later)).toBe(false);
    });
    test('H66: an order that is both in the tally and in the index holds one place', async () => {
      await order('1');
      expect(await admitMany(5, sampleTime + 5000, 3)).toBe(2);
    });
    test('H66: places that were taken long ago and are free again are found, many times over', async () => {
      for (let round = 0; round < 5; round += 1) expect(await admitMany(9, sampleTime + round * settled, 7)).toBe(7);
    });
    test('H66: execute and schedule are counted apart', async () => {
      await orderBoth();
      expect(await admit(sampleTime + settled, 2, 'schedule')).toBe(true);
      expect(await admit(sampleTime + settled, 2, 'execute')).toBe(false);
    });
    test("H66: one tenant's jobs take nobody else's places", async () => {
      await orderBoth();
      expect(await admit(sampleTime + settled, 2, 'execute', restoreTenantId('other'))).toBe(true);
      expect(await admit(sampleTime + settled)).toBe(false);
    });
    test('H66: another limit counts at once', async () => {
      await orderBoth();
      expect(await admit(sampleTime + settled, 3)).toBe(true);
      expect(await admit(sampleTime + settled, 2)).toBe(false);
    });
    test('H66: an order that breaks off gives its place back after ten seconds', async () => {
      await order('1');
      expect(await admit(sampleTime)).toBe(true);
      expect(await admit(sampleTime + 1)).toBe(false);
      expect(await isSecondFree()).toBe(true);
    });
    test('what was not ended within three days holds no place', async () => {
      await orderBoth({ mode: 'schedule' });
      const days = 24 * 60 * 60_000;
      expect(await admit(sampleTime + 2 * days, 2, 'schedule')).toBe(false);
      expect(await admit(sampleTime + 3 * days + 1, 2, 'schedule')).toBe(true);
    });
  });

  describe('a place is free again', () => {
    test('H66: when its report is done', async () => {
      const [, job] = await orderBoth();
      await claim(job);
      await store.complete(demoTenant, job.binaryId, 'a', ending(job));
      expect(await isSecondFree()).toBe(true);
      expect(await isSecondFree()).toBe(false);
    });
    test('H66: when its report has failed', async () => {
      const [, job] = await orderBoth();
      await claim(job);
      await store.fail(demoTenant, job.binaryId, { by: 'worker', token: 'a' }, { ...ending(job), failure });
      expect(await isSecondFree()).toBe(true);
    });
    test('H66: when the dispatcher has ended it', async () => {
      const [, job] = await orderBoth();
      await store.fail(demoTenant, job.binaryId, { by: 'dispatcher', seen: job }, { ...ending(job), failure });
      expect(await isSecondFree()).toBe(true);
    });
    test('H66: when it was deleted, and not when what was deleted had ended', async () => {
      const [one, other] = await orderBoth();
      const removal = { deletedAt: sampleTime + 1, due: sampleTime + 2 };
      await store.remove(demoTenant, other, removal);
      await store.markErased(demoTenant, other.binaryId, { erasedAt: sampleTime + 2, swept: true });
      expect(await isSecondFree()).toBe(true);
      await claim(one);
      const done = (await store.complete(demoTenant, one.binaryId, 'a', ending(one))).job as Job;
      await store.remove(demoTenant, done, removal);
      expect(await admitMany(9, sampleTime + 2 * settled, 2)).toBe(2);
    });
  });

  describe('a place is held', () => {
    test('H66: by a job that a worker has, and by one that it gave back', async () => {
      const [, job] = await orderBoth();
      await claim(job);
      expect(await isSecondFree()).toBe(false);
      await store.relinquish(demoTenant, job.binaryId, 'a', { due: sampleTime + 1, attempts: 1 });
      expect(await isSecondFree()).toBe(false);
    });
    test('H66: by a job that the dispatcher queued again', async () => {
      const [, job] = await orderBoth();
      await store.redrive(demoTenant, job, sampleTime + 1);
      expect(await isSecondFree()).toBe(false);
    });
    test('H66: by a scheduled job, before and after its release', async () => {
      const releaseAt = sampleTime + 3_600_000;
      const [, job] = await orderBoth({ mode: 'schedule', releaseAt, due: releaseAt, deadline: 2 * releaseAt });
      expect(await admit(sampleTime + settled, 2, 'schedule')).toBe(false);
      await store.release(demoTenant, job, releaseAt + 1);
      expect(await admit(releaseAt, 2, 'schedule')).toBe(false);
    });
    test('by a failed job that was reopened', async () => {
      const [, job] = await orderBoth();
      const guard = { by: 'dispatcher', seen: job } as const;
      const failed = (await store.fail(demoTenant, job.binaryId, guard, { ...ending(job), failure })).job as Job;
      const reopened = sampleTime + 5000;
      await store.reopen(demoTenant, failed, { reopened, deadline: job.deadline, due: reopened });
      expect(await isSecondFree()).toBe(false);
    });
  });

  test('a reservation is found for as long as it stands, by its own tenant, and finding takes nothing', async () => {
    const keyed = { userId: demoUser, idempotencyKey: 'k', operation: '$execute-patient-usage-stats', parameters: [] };
    const wanted = describeReservation(keyed, { binaryId: sampleBinaryId(), jobId: 'job-1' }, sampleTime);
    const find = (now: number, tenantId = demoTenant) => store.findReservation(tenantId, wanted.key, now);
    expect(await find(sampleTime)).toBeUndefined();
    await store.reserve(demoTenant, wanted);
    expect(await find(wanted.expires - 1)).toEqual(wanted);
    expect(await find(wanted.expires)).toBeUndefined();
    expect(await find(sampleTime, restoreTenantId('other'))).toBeUndefined();
  });
};
