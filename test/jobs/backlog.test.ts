import { expect, test } from 'vitest';
import { measureBacklog, type OpenJob } from '../../functions/jobs/backlog.ts';

const minute = 60_000;
const now = Date.UTC(2026, 3, 16, 12);
const order = (minutes: number, own: Partial<OpenJob> = {}): OpenJob => ({
  mode: 'execute',
  created: now - minutes * minute,
  deadline: now + (15 - minutes) * minute,
  ...own,
});
const scheduled = (own: Partial<OpenJob>): OpenJob =>
  order(600, { mode: 'schedule', deadline: now + 90 * minute, ...own });

test('without open jobs there is no age and no time left', () => {
  expect(measureBacklog([], now)).toEqual({ oldestSeconds: 0 });
});

test('A46: of the orders, the oldest counts', () => {
  expect(measureBacklog([order(3), order(8), order(1)], now)).toEqual({ oldestSeconds: 480 });
});

test('a reopened job is as old as its reopening', () => {
  expect(measureBacklog([order(3000, { reopened: now - minute })], now)).toEqual({ oldestSeconds: 60 });
});

test('a scheduled job that waits for its night has no age, and one whose release is late has that delay', () => {
  expect(measureBacklog([scheduled({ releaseAt: now + minute })], now)).toEqual({ oldestSeconds: 0 });
  expect(measureBacklog([scheduled({ releaseAt: now - 2 * minute })], now)).toEqual({ oldestSeconds: 120 });
});

test('of released scheduled jobs, the one whose reader comes first counts', () => {
  const jobs = [scheduled({}), scheduled({ deadline: now + 50 * minute }), order(1)];
  expect(measureBacklog(jobs, now)).toEqual({ oldestSeconds: 60, scheduledSecondsLeft: 3000 });
});

test('a scheduled job that was reopened is one like any order', () => {
  const reopened = scheduled({ reopened: now - 5 * minute, deadline: now + 10 * minute });
  expect(measureBacklog([reopened], now)).toEqual({ oldestSeconds: 300 });
});
