import { describe, expect, test } from 'vitest';
import type { RecentPaces } from '../../functions/api/recent-paces.ts';
import { measureWait, waitHeader } from '../../functions/api/wait-header.ts';
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

describe('where it was measured how long reports take', () => {
  const pace = { generating: 20_000, waiting: 10_000, measured: sampleTime };
  const waitAt = (own: Parameters<typeof sampleJob>[0], after: number) =>
    waitHeader([sampleJob(own)], sampleTime + after, () => pace)['retry-after'];

  test.each([
    ['just ordered', 0, '30'],
    ['half-way', 14_001, '16'],
    ['a moment before its expected end', 29_999, '1'],
    ['past its expected end', 30_000, '15'],
    ['long past its expected end', 10 * 60_000, '60'],
  ])(
    'a job that is %s is asked for again when the rest has passed, then after half its age',
    (_when, after, seconds) => {
      expect(waitAt({}, after)).toBe(seconds);
    },
  );
  test('a job that is worked on is measured from when it was taken', () => {
    const running = { status: 'RUNNING', started: sampleTime + 60_000 } as const;
    expect(waitAt(running, 65_000)).toBe('15');
  });
  test('a scheduled job that takes longer is asked for after half the time since it was taken, not since it was ordered', () => {
    const running = { mode: 'schedule', status: 'RUNNING', started: sampleTime + 10 * hour } as const;
    expect(waitAt(running, 10 * hour + 40_000)).toBe('20');
  });
  test('an order that takes longer is asked for after half the time since it was ordered', () => {
    const running = { status: 'RUNNING', started: sampleTime + 60_000 } as const;
    expect(waitAt(running, 100_000)).toBe('50');
  });
  test.each([
    [0, '30'],
    [30_000, '15'],
  ])('a job that was reopened %i ms ago is asked for like one that was ordered then', (after, seconds) => {
    const created = sampleTime - 10 * hour;
    expect(waitAt({ created, reopened: sampleTime }, after)).toBe(seconds);
    expect(waitAt({ created }, after)).toBe('60');
  });
  test('no estimate is longer than 60 s', () => {
    const slow = { ...pace, generating: hour };
    expect(waitHeader([sampleJob()], sampleTime, () => slow)).toEqual({ 'retry-after': '60' });
  });
});

describe('measureWait', () => {
  const bench = () => {
    const asked: string[] = [];
    const paces: RecentPaces = {
      of: async (tenantId, report) => {
        asked.push(`${tenantId} ${report}`);
        return { generating: 7000, waiting: 0, measured: sampleTime };
      },
    };
    return { asked, dependencies: { paces, clock: { now: () => sampleTime } } };
  };

  test('asks once for each report that is waited for', async () => {
    const { asked, dependencies } = bench();
    const jobs = [sampleJob(), sampleJob(), sampleJob({ report: 'Other' }), sampleJob({ status: 'DONE' })];
    expect(await measureWait(dependencies, jobs)).toEqual({ 'retry-after': '7' });
    expect(asked).toEqual(['demo PatientsUsageReport', 'demo Other']);
  });
  test('asks for nothing where nothing is waited for, or only for its night', async () => {
    const { asked, dependencies } = bench();
    expect(await measureWait(dependencies, [sampleJob({ status: 'DONE' })])).toEqual({});
    await measureWait(dependencies, [sampleJob({ releaseAt: sampleTime + hour })]);
    expect(asked).toEqual([]);
  });
});
