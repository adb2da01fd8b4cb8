import { describe, expect, test } from 'vitest';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { dataSetInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { type JobRun, startJobRun } from '../support/run-jobs.ts';

const failing = (error: ServiceError): DataSetSource => ({ openCurrent: () => Promise.reject(error) });
const refused = new ServiceError('DEPENDENCY_REFUSED', { reason: 'data-set-store AccessDenied' });
const current = ({ jobs }: JobRun): Job => jobs.all()[0] as Job;

describe('A37: a dependency that refuses, which only an operator can mend,', () => {
  test('uses up no attempt: the job is there when it was mended, however often it was refused before', async () => {
    const good = dataSetInMemory('2026-04-01T00:00:00Z', []);
    let isMended = false;
    const openCurrent: DataSetSource['openCurrent'] = (...asked) =>
      isMended ? good.openCurrent(...asked) : Promise.reject(refused);
    const run = await startJobRun({ dataSets: { openCurrent } });
    await run.deliver();
    for (let n = 0; n < 5; n += 1) await run.minute();
    expect(current(run)).toMatchObject({ status: 'QUEUED', attempts: 0 });
    expect(run.log.of('JOB_CLAIMED').length).toBeGreaterThan(3);
    isMended = true;
    for (let n = 0; n < 6; n += 1) await run.minute();
    expect(current(run)).toMatchObject({ status: 'DONE', attempts: 1 });
  });
  test('says nothing of how long reports take, though the attempt that made it is the first that counts', async () => {
    let asked = 0;
    const good = dataSetInMemory('2026-04-01T00:00:00Z', []);
    const openCurrent: DataSetSource['openCurrent'] = (...call) => {
      asked += 1;
      return asked > 1 ? good.openCurrent(...call) : Promise.reject(refused);
    };
    const pace = createInMemoryReportPace();
    const run = await startJobRun({ dataSets: { openCurrent }, worker: (own) => ({ ...own, pace }) });
    await run.deliver();
    await run.minute();
    expect(current(run)).toMatchObject({ status: 'DONE', attempts: 1 });
    expect(pace.items.size).toBe(0);
  });
  test('refuses also the write that ends a job: the event is raised, and the lease decides', async () => {
    const complete = () =>
      Promise.reject(new ServiceError('DEPENDENCY_REFUSED', { reason: 'job-store AccessDeniedException' }));
    const run = await startJobRun({ worker: (own) => ({ ...own, jobs: { ...own.jobs, complete } }) });
    await run.deliver();
    expect(run.log.of('DEPENDENCY_REFUSED')).toMatchObject([{ attempt: 1, reason: 'job-store AccessDeniedException' }]);
    expect(run.log.of('JOB_OUTCOME_UNKNOWN')).toHaveLength(1);
    expect(current(run)).toMatchObject({ status: 'RUNNING', attempts: 1 });
  });
  test('does not end the job with its last attempt either', async () => {
    const throttled = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'data-set-store SlowDown' });
    let error = throttled;
    const run = await startJobRun({ dataSets: { openCurrent: () => Promise.reject(error) } });
    await run.deliver();
    while (current(run).attempts < 3) await run.minute();
    error = refused;
    await run.minute();
    expect(run.log.of('DEPENDENCY_REFUSED')).toMatchObject([{ attempt: 4 }]);
    expect(current(run)).toMatchObject({ status: 'QUEUED', attempts: 3 });
  });
  test('is told each time by an event that names dependency and error, and by no other', async () => {
    const run = await startJobRun({ dataSets: failing(refused) });
    await run.deliver();
    const { binaryId, jobId } = current(run);
    expect(run.log.of('DEPENDENCY_REFUSED')).toEqual([
      { tenant: 'demo', binaryId, jobId, attempt: 1, reason: 'data-set-store AccessDenied' },
    ]);
    expect(run.log.of('JOB_ATTEMPT_FAILED')).toEqual([]);
  });
  test('keeps no job beyond its deadline, and is not asked more often than the pauses allow (I1, I8)', async () => {
    const run = await startJobRun({ dataSets: failing(refused) });
    const { deadline } = current(run);
    while (current(run).status !== 'FAILED') {
      await run.minute();
      expect(current(run).attempts).toBe(0);
      expect(run.clock.now()).toBeLessThanOrEqual(deadline);
    }
    expect(current(run)).toMatchObject({ failure: { code: 'JOB_DEADLINE_PASSED' } });
    expect(run.log.of('JOB_CLAIMED').length).toBeLessThanOrEqual(6);
  });
  test('refuses also the claim: the message goes back, and the event is raised', async () => {
    const claim = () =>
      Promise.reject(new ServiceError('DEPENDENCY_REFUSED', { reason: 'job-store AccessDeniedException' }));
    const run = await startJobRun({ worker: (own) => ({ ...own, jobs: { ...own.jobs, claim } }) });
    await run.deliver();
    const { binaryId } = current(run);
    expect(run.log.of('DEPENDENCY_REFUSED')[0]).toEqual({
      messageId: 'm0',
      tenant: 'demo',
      binaryId,
      reason: 'job-store AccessDeniedException',
    });
    expect(current(run)).toMatchObject({ attempts: 0 });
  });
});

test('A37: a fault of our own fails the job at once: the next attempt would meet it again', async () => {
  const misused = new ServiceError('DEPENDENCY_MISUSED', { reason: 'content-store EntityTooLarge' });
  const run = await startJobRun({ dataSets: failing(misused) });
  await run.deliver();
  expect(current(run)).toMatchObject({ status: 'FAILED', attempts: 1, failure: { code: 'JOB_FAULT' } });
  expect(current(run).failure?.cause).not.toContain('content-store');
  expect(run.log.of('JOB_FAILED')).toMatchObject([{ errorCode: 'JOB_FAULT', reason: 'content-store EntityTooLarge' }]);
});

test('A36: a throttled dependency uses up attempts, with growing pauses between them', async () => {
  const throttled = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'data-set-store SlowDown' });
  const run = await startJobRun({ dataSets: failing(throttled) });
  const pauses: number[] = [];
  await run.deliver();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const { attempts, status, due = 0 } = current(run);
    expect({ attempts, status }).toEqual({ attempts: attempt, status: 'QUEUED' });
    pauses.push(due - run.clock.now());
    await run.minute();
  }
  expect(current(run)).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' } });
  for (const [index, longest] of [15_000, 30_000, 60_000].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(longest / 2);
    expect(pauses[index]).toBeLessThanOrEqual(longest);
  }
});

test('A36: messages of a job that are left over do not cut its pause short', async () => {
  const throttled = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'data-set-store SlowDown' });
  const run = await startJobRun({ dataSets: failing(throttled) });
  run.waiting.push(...Array.from({ length: 9 }, () => run.waiting[0] ?? ''));
  await run.deliver();
  expect(current(run)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  expect(run.log.of('JOB_NOT_CLAIMED')).toHaveLength(9);
});
