import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentKey, describeStoredVersion, reportContentType } from '../../functions/binaries/binary.ts';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import { type Job, type JobOverview, overviewMembers } from '../../functions/jobs/job.ts';
import type { JobList, JobPosition } from '../../functions/jobs/job-list.ts';
import type { JobStore, OpenJobIndex } from '../../functions/jobs/job-store.ts';
import { describeReservation, type KeyedOrder } from '../../functions/jobs/reservation.ts';
import { describeAdmissions } from './admission-contract.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from './sample-job.ts';

const lease = (token: string, until = sampleTime + 60_000) => ({ token, until });
const claimOf = (token: string, now = sampleTime) => ({
  lease: lease(token, now + 60_000),
  now,
  maxAttempts: 2,
  deadlineMargin: 90_000,
});
const failure = { code: 'DATA_SET_MALFORMED', cause: 'a.ndjson line 3: not JSON' } as const;

const reportVersion = (job: Job, token: string) =>
  describeStoredVersion(
    {
      versionId: 2,
      contentType: reportContentType,
      bytes: new Uint8Array([1, 2, 3]),
      lastUpdated: sampleTime + 5000,
      writer: token,
    },
    contentKey(job.tenantId, job.binaryId, 2, token),
  );

const overviewOf = (job: Job): unknown =>
  Object.fromEntries(
    ['tenantId' as const, ...overviewMembers].flatMap((name) => (name in job ? [[name, job[name]]] : [])),
  );

/** What every job store has to do, whatever it is made of. `create` gives an empty store. */
export const describeJobStore = (create: () => Promise<JobStore & JobList & OpenJobIndex>): void => {
  let store: JobStore & JobList & OpenJobIndex;
  const job = sampleJob();
  beforeEach(async () => {
    store = await create();
  });
  const place = async (own: Partial<Job> = {}) => {
    const placed = sampleJob(own);
    await store.place(placed.tenantId, placed);
    return placed;
  };
  const claim = async (token: string, now?: number) => store.claim(demoTenant, job.binaryId, claimOf(token, now));
  const complete = (token: string) =>
    store.complete(demoTenant, job.binaryId, token, {
      version: reportVersion(job, token),
      ended: sampleTime + 5000,
    });

  describe('place and read', () => {
    test('a placed job is read back as it was placed', async () => {
      expect((await store.place(demoTenant, job)).outcome).toBe('applied');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(job);
    });
    test('an unknown id reads as undefined', async () => {
      expect(await store.read(demoTenant, sampleBinaryId('9'))).toBeUndefined();
    });
    test('another tenant does not read the job by its id', async () => {
      await place();
      expect(await store.read(restoreTenantId('other'), job.binaryId)).toBeUndefined();
    });
    test('placing the same job again is recognised as the same order', async () => {
      await place();
      expect((await store.place(demoTenant, job)).outcome).toBe('applied');
    });
    test('an id that another job has is a conflict and leaves that job alone', async () => {
      await place();
      expect((await store.place(demoTenant, sampleJob({ jobId: 'another' }))).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(job);
    });
  });

  describe('reserve', () => {
    const order = {
      userId: demoUser,
      idempotencyKey: 'k1',
      operation: '$execute-patient-usage-stats',
      parameters: job.parameters,
    };
    const wanted = (n: number, own: Partial<KeyedOrder> = {}, now = sampleTime) =>
      describeReservation({ ...order, ...own }, { binaryId: sampleBinaryId(String(n)), jobId: `job-${n}` }, now);
    const day = 24 * 60 * 60_000;

    test('the first to ask for a key gets it, and everybody after it gets the same', async () => {
      expect(await store.reserve(demoTenant, wanted(1))).toEqual(wanted(1));
      expect(await store.reserve(demoTenant, wanted(2, {}, sampleTime + 1))).toEqual(wanted(1));
      expect(await store.reserve(demoTenant, wanted(1))).toEqual(wanted(1));
    });
    test('of fifty at once one gets it, and all learn which', async () => {
      const held = await Promise.all(Array.from({ length: 50 }, (_, n) => store.reserve(demoTenant, wanted(n))));
      expect(new Set(held.map(({ jobId }) => jobId)).size).toBe(1);
      expect(new Set(held.map(({ binaryId }) => binaryId)).size).toBe(1);
    });
    test('what was ordered comes back with it, whatever the second order is', async () => {
      await store.reserve(demoTenant, wanted(1));
      const other = wanted(2, { operation: '$schedule-patient-usage-stats' });
      const held = await store.reserve(demoTenant, other);
      expect(held).toEqual(wanted(1));
      expect(held.digest).not.toBe(other.digest);
    });
    test('after 24 hours, and not before, the key is free again', async () => {
      const { expires } = await store.reserve(demoTenant, wanted(1));
      expect(expires - sampleTime).toBeGreaterThanOrEqual(day);
      expect(expires - sampleTime).toBeLessThan(day + 1000);
      expect(await store.reserve(demoTenant, wanted(2, {}, expires - 1))).toEqual(wanted(1));
      const later = wanted(3, {}, expires);
      expect(await store.reserve(demoTenant, later)).toEqual(later);
    });
    test('other users, other tenants and other keys share nothing', async () => {
      const all = [
        await store.reserve(demoTenant, wanted(1)),
        await store.reserve(demoTenant, wanted(2, { userId: 'somebody-else' })),
        await store.reserve(restoreTenantId('other'), wanted(3)),
        await store.reserve(demoTenant, wanted(4, { idempotencyKey: 'k2' })),
        await store.reserve(demoTenant, wanted(5, { userId: `${demoUser}k`, idempotencyKey: '1' })),
      ];
      expect(all.map(({ jobId }) => jobId)).toEqual(['job-1', 'job-2', 'job-3', 'job-4', 'job-5']);
    });
    test('a reservation is no job: it is neither read, listed nor due', async () => {
      await store.reserve(demoTenant, wanted(1));
      expect(await store.read(demoTenant, sampleBinaryId('1'))).toBeUndefined();
      expect((await store.listByUser(demoTenant, demoUser, { limit: 10 })).jobs).toEqual([]);
      expect(await store.findDue(sampleTime + 400 * day, 100)).toEqual([]);
    });
  });

  describe('claim', () => {
    test('a queued job becomes RUNNING with the lease and one attempt', async () => {
      await place();
      const { outcome, job: claimed } = await claim('a');
      expect(outcome).toBe('applied');
      expect(claimed).toMatchObject({ status: 'RUNNING', attempts: 1, started: sampleTime, lease: lease('a') });
      expect(await store.read(demoTenant, job.binaryId)).toEqual(claimed);
    });
    test('A12: of two workers on one message only one gets the job (I5)', async () => {
      await place();
      const outcomes = await Promise.all([claim('a'), claim('b')]);
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
    test('a lease that has run out can be taken, one that has not cannot', async () => {
      await place();
      await claim('a');
      expect((await claim('b', sampleTime + 59_999)).outcome).toBe('conflict');
      const second = await claim('b', sampleTime + 60_000);
      expect(second.job).toMatchObject({ attempts: 2, started: sampleTime, lease: { token: 'b' } });
    });
    test('no further attempt beyond the most (I8)', async () => {
      await place({ attempts: 2 });
      expect((await claim('a')).outcome).toBe('conflict');
    });
    test('no attempt whose lease would last beyond the time at which the job has to be ended (I1)', async () => {
      await place();
      const last = job.deadline - 90_000 - 60_000;
      expect((await claim('a', last + 1)).outcome).toBe('conflict');
      expect((await claim('a', last)).outcome).toBe('applied');
    });
    test('a job that is not there is a conflict without a job', async () => {
      expect(await claim('a')).toEqual({ outcome: 'conflict', job: undefined });
    });
  });

  describe('renew', () => {
    test('the holder prolongs its lease', async () => {
      await place();
      await claim('a');
      const renewal = { lease: lease('a', sampleTime + 90_000), due: sampleTime + 80_000 };
      expect((await store.renew(demoTenant, job.binaryId, renewal)).outcome).toBe('applied');
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({ ...renewal, status: 'RUNNING' });
    });
    test('somebody whose lease was taken over learns it', async () => {
      await place();
      await claim('a');
      await claim('b', sampleTime + 60_000);
      const renewal = { lease: lease('a', sampleTime + 90_000), due: sampleTime + 90_000 };
      expect((await store.renew(demoTenant, job.binaryId, renewal)).outcome).toBe('conflict');
    });
  });

  describe('complete', () => {
    test('the holder ends the job DONE with version 2, and it leaves the index of open jobs', async () => {
      await place();
      await claim('a');
      expect((await complete('a')).outcome).toBe('applied');
      const done = await store.read(demoTenant, job.binaryId);
      expect(done).toEqual({
        ...job,
        status: 'DONE',
        attempts: 1,
        started: sampleTime,
        ended: sampleTime + 5000,
        versions: [...job.versions, reportVersion(job, 'a')],
        due: undefined,
        lease: undefined,
      });
      expect(await store.findDue(Number.MAX_SAFE_INTEGER / 2 ** 12, 100)).toEqual([]);
    });
    test('A31, A35: a zombie whose lease was taken over cannot complete (I5)', async () => {
      await place();
      await claim('a');
      await claim('b', sampleTime + 60_000);
      expect((await complete('a')).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({ status: 'RUNNING', versions: job.versions });
    });
    test('A48: a job that is DONE stays as it is (I7)', async () => {
      await place();
      await claim('a');
      await complete('a');
      const done = await store.read(demoTenant, job.binaryId);
      expect((await claim('b', sampleTime + 70_000)).outcome).toBe('conflict');
      expect((await store.relinquish(demoTenant, job.binaryId, 'a', { due: sampleTime, attempts: 1 })).outcome).toBe(
        'conflict',
      );
      expect((await store.redrive(demoTenant, job, sampleTime)).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(done);
    });
  });

  describe('fail', () => {
    const ending = (of: Job, writer: string) => ({
      failure,
      ended: sampleTime + 5000,
      version: describeFailedVersion(of, failure, writer, sampleTime + 5000),
    });
    test('the holder ends the job FAILED with the reason and an OperationOutcome as version 2', async () => {
      await place();
      await claim('a');
      const guard = { by: 'worker', token: 'a' } as const;
      expect((await store.fail(demoTenant, job.binaryId, guard, ending(job, 'a'))).outcome).toBe('applied');
      const failed = await store.read(demoTenant, job.binaryId);
      expect(failed).toMatchObject({
        status: 'FAILED',
        failure,
        versions: [{ versionId: 1 }, ending(job, 'a').version],
      });
      expect(failed).not.toHaveProperty('lease');
    });
    test('the dispatcher fails a job exactly as it saw it', async () => {
      await place();
      const guard = { by: 'dispatcher', seen: job } as const;
      expect((await store.fail(demoTenant, job.binaryId, guard, ending(job, 'tick'))).outcome).toBe('applied');
    });
    test('the dispatcher does not fail a job that a worker took meanwhile', async () => {
      await place();
      await claim('a');
      const guard = { by: 'dispatcher', seen: job } as const;
      expect((await store.fail(demoTenant, job.binaryId, guard, ending(job, 'tick'))).outcome).toBe('conflict');
    });
  });

  describe('remove and markErased', () => {
    const removal = { deletedAt: sampleTime + 7000, due: sampleTime + 60_000 };
    test('a waiting job is CANCELLED, has no version left and is looked at again for late bytes', async () => {
      await place();
      expect((await store.remove(demoTenant, job, removal)).outcome).toBe('applied');
      const { due: _due, ...rest } = job;
      expect(await store.read(demoTenant, job.binaryId)).toEqual({
        ...rest,
        ...removal,
        status: 'CANCELLED',
        ended: removal.deletedAt,
        versions: [],
      });
      expect(await store.findDue(removal.due, 100)).toMatchObject([{ binaryId: job.binaryId }]);
    });
    test('a finished job stays DONE', async () => {
      await place();
      await claim('a');
      const done = (await complete('a')).job as Job;
      await store.remove(demoTenant, done, removal);
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({
        status: 'DONE',
        versions: [],
        ended: done.ended,
      });
    });
    test('A53: no write of a worker is applied any more (I7, I12)', async () => {
      await place();
      const running = (await claim('a')).job as Job;
      expect((await store.remove(demoTenant, running, removal)).outcome).toBe('applied');
      expect((await complete('a')).outcome).toBe('conflict');
      expect((await claim('b', sampleTime + 120_000)).outcome).toBe('conflict');
      const renewal = { lease: lease('a', sampleTime + 90_000), due: sampleTime + 90_000 };
      expect((await store.renew(demoTenant, job.binaryId, renewal)).outcome).toBe('conflict');
    });
    test('a job that changed since it was seen is left alone', async () => {
      await place();
      await claim('a');
      expect((await store.remove(demoTenant, job, removal)).outcome).toBe('conflict');
    });
    test('a job that ended since it was seen is left alone, though by the same attempt', async () => {
      await place();
      const running = (await claim('a')).job as Job;
      const done = (await complete('a')).job as Job;
      expect((await store.remove(demoTenant, running, removal)).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(done);
    });
    test('a finished job is deleted once: what the first deletion recorded stays', async () => {
      await place();
      await claim('a');
      const done = (await complete('a')).job as Job;
      expect((await store.remove(demoTenant, done, removal)).outcome).toBe('applied');
      const again = { deletedAt: removal.deletedAt + 1, due: removal.due + 1 };
      expect((await store.remove(demoTenant, done, again)).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject(removal);
    });
    test('a deleted job holds no lease any more', async () => {
      await place();
      const { job: removed } = await store.remove(demoTenant, (await claim('a')).job as Job, removal);
      expect(removed).not.toHaveProperty('lease');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(removed);
    });
    test('of two deletions one is applied', async () => {
      await place();
      const other = { ...removal, deletedAt: removal.deletedAt + 1 };
      const outcomes = await Promise.all([
        store.remove(demoTenant, job, removal),
        store.remove(demoTenant, job, other),
      ]);
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
    test('an erased Binary leaves the index once it was swept', async () => {
      await place();
      await store.remove(demoTenant, job, removal);
      await store.markErased(demoTenant, job.binaryId, { erasedAt: 5, swept: false });
      expect(await store.findDue(removal.due, 100)).toHaveLength(1);
      await store.markErased(demoTenant, job.binaryId, { erasedAt: 6, swept: true });
      expect(await store.findDue(removal.due, 100)).toEqual([]);
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({ erasedAt: 5 });
    });
    test('a Binary that was not deleted cannot be marked as erased', async () => {
      await place();
      expect((await store.markErased(demoTenant, job.binaryId, { erasedAt: 5, swept: true })).outcome).toBe('conflict');
    });
  });

  describe('release', () => {
    const releaseAt = sampleTime + 9 * 3_600_000;
    const deadline = releaseAt + 3 * 3_600_000;
    const importSince = releaseAt - 3 * 3_600_000;
    const scheduled = { mode: 'schedule', releaseAt, due: releaseAt, deadline, importSince } as const;
    test('a scheduled job is read back as it was placed, and nobody can take it before it was released', async () => {
      const placed = await place(scheduled);
      expect(await store.read(demoTenant, job.binaryId)).toEqual(placed);
      expect((await claim('a')).outcome).toBe('conflict');
      expect((await claim('a', releaseAt)).outcome).toBe('conflict');
    });
    test('a released job can be taken and is looked at when it was asked', async () => {
      const placed = await place(scheduled);
      const released = await store.release(demoTenant, placed, releaseAt + 60_000);
      const { releaseAt: _releaseAt, ...rest } = placed;
      expect(released).toEqual({ outcome: 'applied', job: { ...rest, due: releaseAt + 60_000 } });
      expect(await store.read(demoTenant, job.binaryId)).toEqual(released.job);
      expect((await claim('a', releaseAt)).outcome).toBe('applied');
    });
    test('of two dispatchers one releases it', async () => {
      const placed = await place(scheduled);
      const releases = await Promise.all([1, 2].map((n) => store.release(demoTenant, placed, releaseAt + n)));
      expect(releases.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
    test('a job that waits for nothing, or was cancelled meanwhile, is not released', async () => {
      const placed = await place();
      expect((await store.release(demoTenant, placed, releaseAt)).outcome).toBe('conflict');
      const other = await place({ ...scheduled, binaryId: sampleBinaryId('2') });
      await store.remove(demoTenant, other, { deletedAt: sampleTime + 1, due: sampleTime + 2 });
      expect((await store.release(demoTenant, other, releaseAt)).outcome).toBe('conflict');
    });
    test('a job whose release is put off waits on, and is released later with what its report is to tell', async () => {
      const placed = await place(scheduled);
      const later = releaseAt + 300_000;
      const postponed = await store.postpone(demoTenant, placed, later);
      expect(postponed).toEqual({ outcome: 'applied', job: { ...placed, releaseAt: later, due: later } });
      expect((await claim('a', later)).outcome).toBe('conflict');
      expect((await store.postpone(demoTenant, placed, later + 1)).outcome).toBe('conflict');
      expect((await store.release(demoTenant, placed, later)).outcome).toBe('conflict');
      const nightImport = { outcome: 'failed', begun: sampleTime } as const;
      const released = await store.release(demoTenant, postponed.job as Job, later + 60_000, nightImport);
      expect(released).toMatchObject({ outcome: 'applied', job: { due: later + 60_000, nightImport } });
      expect(await store.read(demoTenant, job.binaryId)).toEqual(released.job);
      expect((await store.postpone(demoTenant, released.job as Job, later)).outcome).toBe('conflict');
    });
    test('an unreleased job can be ended by the dispatcher', async () => {
      const placed = await place(scheduled);
      const version = describeFailedVersion(placed, failure, 'tick', deadline);
      const guard = { by: 'dispatcher', seen: placed } as const;
      const ending = { failure, ended: deadline, version };
      expect((await store.fail(demoTenant, job.binaryId, guard, ending)).outcome).toBe('applied');
    });
  });

  describe('relinquish and redrive', () => {
    test('a relinquished job is queued without a lease and due as asked', async () => {
      await place();
      await claim('a');
      await store.relinquish(demoTenant, job.binaryId, 'a', { due: sampleTime + 20_000, attempts: 1 });
      const queued = await store.read(demoTenant, job.binaryId);
      expect(queued).toMatchObject({ status: 'QUEUED', attempts: 1, due: sampleTime + 20_000 });
      expect(queued).not.toHaveProperty('lease');
    });
    test('nobody takes a relinquished job before its pause is over, whatever message is left over (A36)', async () => {
      await place();
      await claim('a');
      const due = sampleTime + 20_000;
      await store.relinquish(demoTenant, job.binaryId, 'a', { due, attempts: 1 });
      expect((await claim('b', due - 1)).outcome).toBe('conflict');
      const { job: taken } = await claim('b', due);
      expect(taken).toMatchObject({ status: 'RUNNING', attempts: 2 });
      expect(taken).not.toHaveProperty('pausedUntil');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(taken);
    });
    test('the dispatcher ends the pause, by whatever clock', async () => {
      await place();
      await claim('a');
      const paused = await store.relinquish(demoTenant, job.binaryId, 'a', { due: sampleTime + 20_000, attempts: 1 });
      const { job: redriven } = await store.redrive(demoTenant, paused.job as Job, sampleTime + 60_000);
      expect(redriven).not.toHaveProperty('pausedUntil');
      expect((await claim('b', sampleTime + 1)).outcome).toBe('applied');
    });
    test('a job that is ended or deleted in its pause holds no pause any more', async () => {
      const pause = async (last: string) => {
        const { binaryId } = await place({ binaryId: sampleBinaryId(last) });
        await store.claim(demoTenant, binaryId, claimOf('a'));
        const release = { due: sampleTime + 20_000, attempts: 1 };
        return (await store.relinquish(demoTenant, binaryId, 'a', release)).job as Job;
      };
      const seen = await pause('1');
      const ending = { failure, ended: 5, version: describeFailedVersion(seen, failure, 'tick', 5) };
      const { job: failed } = await store.fail(demoTenant, seen.binaryId, { by: 'dispatcher', seen }, ending);
      expect(failed).toMatchObject({ status: 'FAILED' });
      expect(failed).not.toHaveProperty('pausedUntil');
      const { job: removed } = await store.remove(demoTenant, await pause('2'), { deletedAt: 1, due: 2 });
      expect(removed).toMatchObject({ status: 'CANCELLED' });
      expect(removed).not.toHaveProperty('pausedUntil');
    });
    test('an attempt that is not to be counted is taken back, and the job can be taken as often as before (A37)', async () => {
      await place();
      for (const [at, token] of ['a', 'b', 'c'].entries()) {
        expect((await claim(token, sampleTime + at)).job).toMatchObject({ status: 'RUNNING', attempts: 1 });
        await store.relinquish(demoTenant, job.binaryId, token, { due: sampleTime + at + 1, attempts: 0 });
        expect(await store.read(demoTenant, job.binaryId)).toMatchObject({ status: 'QUEUED', attempts: 0 });
      }
    });
    test('a redriven job is queued, counted, and fences its old worker off', async () => {
      await place();
      const claimed = (await claim('a')).job as Job;
      expect((await store.redrive(demoTenant, claimed, sampleTime + 120_000)).outcome).toBe('applied');
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({
        status: 'QUEUED',
        redrives: 1,
        due: sampleTime + 120_000,
      });
      expect((await complete('a')).outcome).toBe('conflict');
    });
    test('a redriven job holds no lease any more', async () => {
      await place();
      const { job: redriven } = await store.redrive(demoTenant, (await claim('a')).job as Job, sampleTime + 120_000);
      expect(redriven).toMatchObject({ status: 'QUEUED' });
      expect(redriven).not.toHaveProperty('lease');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(redriven);
    });
    test('a job with another status or more attempts than was seen is not redriven, though due at the same time', async () => {
      await place();
      const running = (await claim('a')).job as Job;
      await store.relinquish(demoTenant, job.binaryId, 'a', { due: sampleTime + 60_000, attempts: 1 });
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({
        due: running.due,
        attempts: running.attempts,
      });
      expect((await store.redrive(demoTenant, running, sampleTime + 1)).outcome).toBe('conflict');
      expect(job.due).toBe(sampleTime + 60_000);
      expect((await store.redrive(demoTenant, job, sampleTime + 1)).outcome).toBe('conflict');
    });
    test('of two dispatchers that saw the same job one redrives it', async () => {
      await place();
      const redrives = await Promise.all([1, 2].map((n) => store.redrive(demoTenant, job, sampleTime + n)));
      expect(redrives.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
  });

  describe('reopen', () => {
    const again = { reopened: sampleTime + 3_600_000, deadline: sampleTime + 4_500_000, due: sampleTime + 3_660_000 };
    const endingAs = (of: Job, writer: string, ended: number) => ({
      failure,
      ended,
      version: describeFailedVersion(of, failure, writer, ended),
    });
    const failBy = async (token: string, now = sampleTime) => {
      const claimed = (await claim(token, now)).job as Job;
      const guard = { by: 'worker', token } as const;
      return (await store.fail(demoTenant, job.binaryId, guard, endingAs(claimed, token, now + 5000))).job as Job;
    };

    test('a failed job waits again: no attempts, a new deadline, no failure, and the versions that it had (I7)', async () => {
      await place();
      const failed = await failBy('a');
      const { outcome, job: reopened } = await store.reopen(demoTenant, failed, again);
      expect(outcome).toBe('applied');
      expect(reopened).toEqual({ ...job, ...again, versions: failed.versions });
      expect(await store.read(demoTenant, job.binaryId)).toEqual(reopened);
      expect(await store.findDue(again.due, 100)).toEqual([reopened]);
      expect((await store.listByUser(demoTenant, demoUser, { limit: 1 })).jobs).toEqual([overviewOf(reopened as Job)]);
    });
    test('its next outcome is version 3, and versions 1 and 2 stay as they were (I2)', async () => {
      await place();
      const failed = await failBy('a');
      await store.reopen(demoTenant, failed, again);
      expect((await claim('b', again.reopened)).job).toMatchObject({ attempts: 1, started: again.reopened });
      const version = { ...reportVersion(job, 'b'), versionId: 3 };
      const { outcome, job: done } = await store.complete(demoTenant, job.binaryId, 'b', { version, ended: again.due });
      expect(outcome).toBe('applied');
      expect(done).toMatchObject({ status: 'DONE', ended: again.due, versions: [...failed.versions, version] });
      expect(done).not.toHaveProperty('failure');
    });
    test('a pause that a worker of an earlier version has left to it is over', async () => {
      const ended = await place({ status: 'FAILED', ended: sampleTime, failure, pausedUntil: again.due });
      expect((await store.reopen(demoTenant, ended, again)).job).not.toHaveProperty('pausedUntil');
      expect((await claim('b', again.reopened)).outcome).toBe('applied');
    });
    test('it can fail again, and be reopened again', async () => {
      await place();
      await store.reopen(demoTenant, await failBy('a'), again);
      const failed = await failBy('b', again.reopened);
      expect(failed.versions.map(({ versionId }) => versionId)).toEqual([1, 2, 3]);
      expect((await store.reopen(demoTenant, failed, { ...again, reopened: again.due })).outcome).toBe('applied');
    });
    test('who saw it fail the first time does not reopen what failed since', async () => {
      await place();
      const seen = await failBy('a');
      await store.reopen(demoTenant, seen, again);
      const failed = await failBy('b', again.reopened);
      expect((await store.reopen(demoTenant, seen, { ...again, reopened: again.due })).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(failed);
    });
    test('of two operators one reopens it', async () => {
      await place();
      const failed = await failBy('a');
      const both = [1, 2].map((n) => store.reopen(demoTenant, failed, { ...again, reopened: again.reopened + n }));
      expect((await Promise.all(both)).map(({ outcome }) => outcome).sort()).toEqual(['applied', 'conflict']);
    });
    test('a job that waits, runs, is DONE or was cancelled is left alone (I7)', async () => {
      await place();
      const reopen = async (seen: Job) => (await store.reopen(demoTenant, seen, again)).outcome;
      expect(await reopen(job)).toBe('conflict');
      expect(await reopen((await claim('a')).job as Job)).toBe('conflict');
      const done = (await complete('a')).job as Job;
      expect(await reopen(done)).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toEqual(done);
      const other = await place({ binaryId: sampleBinaryId('2') });
      await store.remove(demoTenant, other, { deletedAt: sampleTime, due: sampleTime });
      expect(await reopen(other)).toBe('conflict');
    });
    test('a Binary that was deleted, or is not kept until the deadline, stays as it is (I12)', async () => {
      await place({ expires: again.deadline - 10_000 });
      const failed = await failBy('a');
      expect((await store.reopen(demoTenant, failed, again)).outcome).toBe('conflict');
      const sooner = { ...again, deadline: failed.expires };
      await store.remove(demoTenant, failed, { deletedAt: sampleTime, due: sampleTime });
      expect((await store.reopen(demoTenant, failed, sooner)).outcome).toBe('conflict');
      expect(await store.read(demoTenant, job.binaryId)).toMatchObject({ status: 'FAILED', versions: [] });
    });
    test('a scheduled job that was ended before its night waits for no night any more', async () => {
      const releaseAt = sampleTime + 1000;
      const seen = await place({ mode: 'schedule', releaseAt, due: releaseAt });
      const guard = { by: 'dispatcher', seen } as const;
      const ended = await store.fail(demoTenant, job.binaryId, guard, endingAs(seen, 'tick', sampleTime + 500));
      expect((await store.reopen(demoTenant, ended.job as Job, again)).job).not.toHaveProperty('releaseAt');
      expect((await claim('a', again.reopened)).outcome).toBe('applied');
    });
    test('nobody who saw the job before it failed writes over a version or deletes by it (I2)', async () => {
      await place();
      const seen = job;
      await store.reopen(demoTenant, await failBy('a'), { ...again, due: job.due as number });
      const before = await store.read(demoTenant, job.binaryId);
      expect(before).toMatchObject({ status: seen.status, due: seen.due, attempts: seen.attempts });
      const late = endingAs(seen, 'tick', again.due);
      const guard = { by: 'dispatcher', seen } as const;
      expect((await store.fail(demoTenant, job.binaryId, guard, late)).outcome).toBe('conflict');
      expect((await store.remove(demoTenant, seen, { deletedAt: 1, due: 2 })).outcome).toBe('conflict');
      await claim('b', again.reopened);
      expect((await complete('b')).outcome).toBe('conflict');
      expect((await store.read(demoTenant, job.binaryId))?.versions).toEqual(before?.versions);
    });
  });

  describeAdmissions(() => create());

  describe('lists', () => {
    test("a user's jobs come newest first and hold nobody else's", async () => {
      const own = await Promise.all(
        [3, 1, 2].map((n) => place({ binaryId: sampleBinaryId(String(n)), created: sampleTime + n * 1000 })),
      );
      await place({ binaryId: sampleBinaryId('8'), userId: 'somebody-else' });
      await place({ binaryId: sampleBinaryId('9'), tenantId: restoreTenantId('other') });
      const { jobs, next } = await store.listByUser(demoTenant, demoUser, { limit: 3 });
      expect(jobs).toEqual([...own].sort((one, other) => other.created - one.created).map(overviewOf));
      expect(next).toBeUndefined();
    });
    test('what a list shows of a job is all that the index holds, and follows the job', async () => {
      await place();
      await claim('a');
      await complete('a');
      const { jobs } = await store.listByUser(demoTenant, demoUser, { limit: 1 });
      expect(jobs).toEqual([overviewOf((await store.read(demoTenant, job.binaryId)) as Job)]);
    });
    test.each([1, 2, 3, 5, 7, 8])(
      'pages of %i show every job once, newest first, also those of one millisecond',
      async (limit) => {
        const times = [5, 4, 4, 4, 3, 2, 1];
        await Promise.all(
          times.map((n, at) => place({ binaryId: sampleBinaryId(String(at + 1)), created: sampleTime + n * 1000 })),
        );
        const seen: JobOverview[] = [];
        let next: JobPosition | undefined;
        do {
          const page = await store.listByUser(demoTenant, demoUser, { limit, ...(next && { after: next }) });
          expect(page.jobs.length).toBeGreaterThan(0);
          expect(page.jobs.length).toBeLessThanOrEqual(limit);
          seen.push(...page.jobs);
          next = page.next;
        } while (next !== undefined);
        expect(seen.map(({ created }) => created)).toEqual(times.map((n) => sampleTime + n * 1000));
        expect(new Set(seen.map(({ binaryId }) => binaryId)).size).toBe(times.length);
      },
    );
    test("a place in one user's list is none in another's", async () => {
      await place();
      await place({ binaryId: sampleBinaryId('2'), userId: 'somebody-else' });
      const after = { created: sampleTime + 1, binaryId: sampleBinaryId('2') };
      const { jobs } = await store.listByUser(demoTenant, demoUser, { limit: 9, after });
      expect(jobs.map(({ userId }) => userId)).toEqual([demoUser]);
    });
    test('a page begins behind a job that is gone as if it were there', async () => {
      await place();
      const after = { created: sampleTime + 1, binaryId: sampleBinaryId('f') };
      expect((await store.listByUser(demoTenant, demoUser, { limit: 1, after })).jobs).toHaveLength(1);
    });
    test('due jobs of all tenants and shards are found, those of later are not', async () => {
      await Promise.all(
        ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'a'].map((digit) =>
          place({
            binaryId: sampleBinaryId(digit),
            due: sampleTime + (digit === 'a' ? 2 : 1),
            ...(digit === '9' ? { tenantId: restoreTenantId('other') } : {}),
          }),
        ),
      );
      const due = await store.findDue(sampleTime + 1, 100);
      expect(due.map(({ binaryId }) => binaryId.at(-1)).sort()).toEqual([...'123456789']);
    });
    test('jobs of which this version knows nothing to do, due for longer, hide none of their shard (I1, A55)', async () => {
      const paused = { status: 'PAUSED' } as unknown as Partial<Job>;
      for (const n of ['11', '21', '31']) await place({ ...paused, binaryId: sampleBinaryId(n), due: sampleTime - 9 });
      const { binaryId } = await place({ due: sampleTime });
      const due = await store.findDue(sampleTime + 1, 8);
      expect(due.filter(({ status }) => status === 'QUEUED').map((job) => job.binaryId)).toEqual([binaryId]);
    });
    test('a shard that is full leaves the others their share', async () => {
      for (const n of ['11', '21', '31', '2']) await place({ binaryId: sampleBinaryId(n), due: sampleTime });
      const due = await store.findDue(sampleTime + 1, 8);
      expect(due.map(({ binaryId }) => binaryId.at(-1)).sort()).toEqual(['1', '2']);
    });
  });
};
