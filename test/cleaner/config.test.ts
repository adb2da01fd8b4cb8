import { expect, test } from 'vitest';
import { readCleanerConfig } from '../../functions/cleaner/config.ts';
import { windowLength } from '../../functions/cleaner/create-cleaner-handler.ts';
import { planNight } from '../../functions/jobs/night-window.ts';
import { reservedFor } from '../../functions/jobs/reservation.ts';
import { sampleBinaryId } from '../support/sample-job.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const hour = 60 * 60_000;
const required = { STAGE: 'prod', JOBS_TABLE: 'jobs', CONTENT_BUCKET: 'content' };

test('the age comes in milliseconds, two days by default', () => {
  expect(readCleanerConfig(required)).toEqual({
    stage: 'prod',
    jobsTable: 'jobs',
    contentBucket: 'content',
    orphanAge: 48 * hour,
  });
});

test('everything that is missing is named at once', () => {
  expect(() => readCleanerConfig({})).toThrow(
    /STAGE: is missing\n.*JOBS_TABLE: is missing\n.*CONTENT_BUCKET: is missing/,
  );
});

test('A25: no age is accepted at which an order that is repeated with its key may just have brought its job', () => {
  const read = (hours: number) => readCleanerConfig({ ...required, ORPHAN_AGE_HOURS: String(hours) });
  const least = reservedFor / hour + 1;
  expect(read(least).orphanAge).toBeGreaterThan(reservedFor);
  expect(() => read(least - 1)).toThrow('ORPHAN_AGE_HOURS');
});

test('A20: the last look comes after every job of the default night has ended, one that was ordered again after a day included', () => {
  const { timeZone, night } = sampleTenant();
  const lastLook = readCleanerConfig(required).orphanAge + windowLength - 6 * hour;
  for (const month of [0, 2, 6, 9]) {
    for (let now = Date.UTC(2026, month, 20); now < Date.UTC(2026, month + 1, 1); now += hour / 4) {
      const { deadline } = planNight(sampleBinaryId(), now, { timeZone, night });
      expect(reservedFor + deadline - now).toBeLessThan(lastLook);
    }
  }
});
