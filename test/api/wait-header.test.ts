import { expect, test } from 'vitest';
import { waitHeader } from '../../functions/api/wait-header.ts';
import { sampleJob, sampleTime } from '../support/sample-job.ts';

const hour = 60 * 60_000;
const wait = (own: Parameters<typeof sampleJob>[0], now: number) => waitHeader([sampleJob(own)], now)['retry-after'];

test('a scheduled job that waits for its night is asked for again when it is released', () => {
  const releaseAt = sampleTime + 10 * hour;
  expect(wait({ releaseAt }, sampleTime)).toBe('36000');
  expect(wait({ releaseAt }, sampleTime + 9 * hour)).toBe('3600');
});

test('one whose time has come but that no tick has released is asked for again after the next tick', () => {
  expect(wait({ releaseAt: sampleTime }, sampleTime + 5000)).toBe('60');
});

test('of several jobs the one to be asked for first decides', () => {
  const scheduled = sampleJob({ releaseAt: sampleTime + 10 * hour });
  expect(waitHeader([scheduled, sampleJob()], sampleTime + 20_000)).toEqual({ 'retry-after': '10' });
  expect(waitHeader([scheduled, sampleJob({ status: 'DONE' })], sampleTime)).toEqual({ 'retry-after': '36000' });
});

test('jobs that have ended are not waited for', () => {
  expect(waitHeader([sampleJob({ status: 'CANCELLED', releaseAt: sampleTime + hour })], sampleTime)).toEqual({});
});
