import { beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../functions/jobs/job.ts';
import { holdLease, LeaseLost, TimeRunningOut } from '../../functions/worker/hold-lease.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers, type ManualTimers } from '../support/manual-timers.ts';
import { demoTenant, sampleJob, sampleTime } from '../support/sample-job.ts';

const rules = { lease: 60_000, deadlineMargin: 90_000 };
const token = 'a';
let clock: ManualClock;
let timers: ManualTimers;
let jobs: InMemoryJobStore;
let job: Job;

beforeEach(async () => {
  clock = createManualClock();
  timers = createManualTimers(clock);
  jobs = createInMemoryJobStore();
  job = sampleJob();
  await jobs.place(demoTenant, job);
  await claimWith(token);
});

const claimWith = (by: string) => {
  const now = clock.now();
  return jobs.claim(demoTenant, job.binaryId, {
    lease: { token: by, until: now + rules.lease },
    now,
    maxAttempts: 4,
    deadlineMargin: rules.deadlineMargin,
  });
};

const hold = <Result>(work: (signal: AbortSignal) => Promise<Result>, available = 3_600_000) =>
  holdLease({ jobs, clock, timers, rules }, { job, token, available }, work);

describe('holdLease', () => {
  test("gives the work's result and leaves no timer behind", async () => {
    expect(await hold(async () => 5)).toBe(5);
    expect(timers.pending).toBe(0);
  });
  test("passes the work's error on and leaves no timer behind", async () => {
    await expect(hold(() => Promise.reject(new RangeError('x')))).rejects.toThrow(RangeError);
    expect(timers.pending).toBe(0);
  });
  test('prolongs the lease three times in its length for as long as the work takes', async () => {
    let finish = () => {};
    const held = hold(() => new Promise<void>((resolve) => (finish = resolve)));
    await timers.pass(200_000);
    expect(jobs.all()[0]?.lease).toEqual({ token, until: sampleTime + 200_000 + 60_000 });
    expect((await claimWith('b')).outcome).toBe('conflict');
    finish();
    await held;
  });
  test("lets the dispatcher look at the job by the job's own end, however often the lease is prolonged (I1)", async () => {
    const held = hold(() => new Promise(() => {}), 14 * 60_000).catch(() => {});
    await timers.pass(13.4 * 60_000);
    expect(jobs.all()[0]?.due).toBe(job.deadline - rules.deadlineMargin);
    await timers.pass(60_000);
    await held;
  });
  test('A35: aborts the work and rejects as soon as a heartbeat finds the lease gone', async () => {
    let aborted: unknown;
    const held = hold(
      (signal) => new Promise(() => signal.addEventListener('abort', () => (aborted = signal.reason))),
    ).catch((error: unknown) => error);
    await jobs.redrive(demoTenant, jobs.all()[0] as Job, clock.now());
    await timers.pass(20_000);
    expect(await held).toBeInstanceOf(LeaseLost);
    expect(aborted).toBeInstanceOf(LeaseLost);
  });
  test('a heartbeat that does not get through ends nothing', async () => {
    let finish = () => {};
    const failing = { ...jobs, renew: () => Promise.reject(new Error('down')) };
    const held = holdLease(
      { jobs: failing, clock, timers, rules },
      { job, token, available: 3_600_000 },
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    await timers.pass(120_000);
    finish();
    await expect(held).resolves.toBeUndefined();
  });
  test('A27: gives up when the function has no time left', async () => {
    const held = hold(() => new Promise(() => {}), 30_000).catch((error: unknown) => error);
    await timers.pass(30_000);
    expect(await held).toBeInstanceOf(TimeRunningOut);
    expect(timers.pending).toBe(0);
  });
});
