import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  addBilledTime,
  concernsDispatcher,
  currentVersion,
  decideDue,
  nextVersionId,
  sweepAfter,
} from '../../functions/jobs/job.ts';
import { sampleJob, sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
const rules = { maxAttempts: 4, deadlineMargin: 90_000 };
const running = (until: number, attempts = 1) =>
  sampleJob({ status: 'RUNNING', attempts, lease: { token: 'a', until }, due: until });

describe('addBilledTime', () => {
  test('adds attempts up, each with the memory of its own worker', () => {
    const first = addBilledTime(undefined, 2000, 2048);
    expect(first).toEqual({ milliseconds: 2000, gigabyteSeconds: 4 });
    expect(addBilledTime(first, 500, 1024)).toEqual({ milliseconds: 2500, gigabyteSeconds: 4.5 });
  });
  test('is told to the thousandth, however often it is added', () => {
    expect(addBilledTime(addBilledTime(undefined, 1, 1769), 1, 1769)).toEqual({
      milliseconds: 2,
      gigabyteSeconds: 0.004,
    });
  });
});

describe('the versions of a job', () => {
  test('end with the current one, after which the next outcome is numbered', () => {
    const [first] = sampleJob().versions;
    if (first === undefined) throw new Error('a job without a version');
    const job = sampleJob({ versions: [first, { ...first, versionId: 2 }] });
    expect(currentVersion(job).versionId).toBe(2);
    expect(nextVersionId(job)).toBe(3);
    expect(nextVersionId(sampleJob())).toBe(2);
  });
  test('are never none but where the Binary was deleted', () => {
    expect(() => currentVersion(sampleJob({ versions: [] }))).toThrow('a job without a version');
  });
});

describe('the dispatcher is concerned with', () => {
  test.each([
    ['QUEUED', {}, true],
    ['RUNNING', {}, true],
    ['DONE', {}, false],
    ['FAILED', {}, false],
    ['CANCELLED', { deletedAt: sampleTime }, true],
    ['a later version', {}, false],
  ])('a job that is %s, with %o: %s', (status, own, isConcerned) => {
    expect(concernsDispatcher({ ...own, status: status as 'QUEUED' })).toBe(isConcerned);
  });
});

describe('decideDue', () => {
  test('a queued job whose look has come is queued again', () => {
    expect(decideDue(sampleJob(), sampleTime + minute, rules)).toEqual({ kind: 'redrive' });
  });
  test('a queued job before its look is left alone', () => {
    expect(decideDue(sampleJob(), sampleTime + minute - 1, rules)).toEqual({ kind: 'none' });
  });
  test('a scheduled job is released at its time, not before, and not if it was looked at early', () => {
    const releaseAt = sampleTime + 5 * minute;
    const scheduled = sampleJob({ mode: 'schedule', releaseAt, due: releaseAt });
    expect(decideDue(scheduled, releaseAt - 1, rules)).toEqual({ kind: 'none' });
    expect(decideDue(sampleJob({ releaseAt, due: sampleTime }), releaseAt - 1, rules)).toEqual({ kind: 'none' });
    expect(decideDue(scheduled, releaseAt, rules)).toEqual({ kind: 'release' });
  });
  test('a running job with a lease is left alone, one whose lease has run out is queued again', () => {
    expect(decideDue(running(sampleTime + 1), sampleTime, rules)).toEqual({ kind: 'none' });
    expect(decideDue(running(sampleTime), sampleTime, rules)).toEqual({ kind: 'redrive' });
  });
  test('a running job without attempts left ends when its lease has run out, and not before (I8)', () => {
    expect(decideDue(running(sampleTime + 1, 4), sampleTime, rules)).toEqual({ kind: 'none' });
    expect(decideDue(running(sampleTime, 4), sampleTime, rules)).toMatchObject({
      kind: 'end',
      failure: { code: 'JOB_ATTEMPTS_EXHAUSTED', cause: expect.stringContaining('4 attempts') },
    });
  });
  test('every open job ends a margin before its deadline, whatever its lease says (I1)', () => {
    const end = sampleTime + 15 * minute - 90_000;
    for (const job of [sampleJob({ due: end + 1 }), running(end + minute)]) {
      expect(decideDue(job, end - 1, rules)).toEqual({ kind: 'none' });
      expect(decideDue(job, end, rules)).toMatchObject({
        kind: 'end',
        failure: { code: 'JOB_DEADLINE_PASSED', cause: expect.stringContaining('15 minutes') },
      });
    }
  });
  test('a scheduled job that was never released ends like any other', () => {
    const deadline = sampleTime + 11 * 60 * minute;
    const scheduled = sampleJob({ mode: 'schedule', releaseAt: deadline - 60 * minute, deadline });
    expect(decideDue(scheduled, deadline - 90_000, rules)).toMatchObject({
      kind: 'end',
      failure: { code: 'JOB_DEADLINE_PASSED', cause: expect.stringContaining('within 11 hours after 0 attempts') },
    });
  });
  test('a reopened job says how long it had since it was reopened, not since its order', () => {
    const reopened = sampleTime + 72 * 60 * minute;
    const late = sampleJob({ reopened, deadline: reopened + 20 * minute });
    expect(decideDue(late, reopened + 19 * minute, rules)).toMatchObject({
      failure: { cause: expect.stringContaining('within 20 minutes after 0 attempts') },
    });
  });
  test.each(['DONE', 'FAILED', 'CANCELLED'] as const)('a job that is %s is never touched again (I7)', (status) => {
    expect(decideDue(sampleJob({ status }), sampleTime + 24 * 60 * minute, rules)).toEqual({ kind: 'none' });
  });
});

describe('the sweep of a deleted Binary', () => {
  test('comes when its time has come, not before', () => {
    const due = sampleTime + sweepAfter;
    const deleted = sampleJob({ status: 'CANCELLED', deletedAt: sampleTime, due, versions: [] });
    expect(decideDue(deleted, due - 1, rules)).toEqual({ kind: 'none' });
    expect(decideDue(deleted, due, rules)).toEqual({ kind: 'sweep' });
  });
  test('comes later than any worker can live, as it is set up and as Lambda allows', () => {
    const worker = readFileSync(new URL('../../infra/functions/worker.yml', import.meta.url), 'utf8');
    const timeoutSeconds = Number(/^timeout: (\d+)$/m.exec(worker)?.[1]);
    expect(sweepAfter).toBeGreaterThan(timeoutSeconds * 1000);
    expect(sweepAfter).toBeGreaterThan(15 * minute);
  });
});
