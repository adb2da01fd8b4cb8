import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { nextNight, planNight } from '../../functions/jobs/night-window.ts';

const minute = 60_000;
const hour = 60 * minute;
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const usual = { from: hour, to: 5 * hour, readyBy: 7 * hour };
const copenhagen = { timeZone: 'Europe/Copenhagen', night: usual };
const ids = Array.from({ length: 2000 }, (_, n) => `01963e5f-5a2f-7abc-8def-${n.toString(16).padStart(12, '0')}`);

/** The first and last release of many orders placed at one moment, and their common deadline, in UTC. */
const spread = (now: string, tenant: Parameters<typeof planNight>[2] = copenhagen) => {
  const plans = ids.map((id) => planNight(id, at(now), tenant));
  const releases = plans.map(({ releaseAt }) => releaseAt);
  expect(new Set(plans.map(({ deadline }) => deadline)).size).toBe(1);
  const text = (millis: number | undefined) => new Date(millis ?? 0).toISOString().slice(0, 16);
  return [text(Math.min(...releases)), text(Math.max(...releases)), text(plans[0]?.deadline)];
};

describe('a scheduled job', () => {
  test('is released between 01:00 and 05:00 of the coming night and ends by 07:00, by the clock of its tenant', () => {
    expect(spread('2026-04-16T11:44:11Z')).toEqual(['2026-04-16T23:00', '2026-04-17T02:59', '2026-04-17T05:00']);
    expect(spread('2026-01-16T11:44:11Z')).toEqual(['2026-01-17T00:00', '2026-01-17T03:59', '2026-01-17T06:00']);
  });
  test('ordered after midnight and before the window still has its night', () => {
    expect(spread('2026-04-16T22:30:00Z')).toEqual(['2026-04-16T23:00', '2026-04-17T02:59', '2026-04-17T05:00']);
  });
  test('has the same time however often it is planned', () => {
    for (const id of ids) {
      expect(planNight(id, at('2026-04-16T11:00:00Z'), copenhagen)).toEqual(
        planNight(id, at('2026-04-16T19:00:00Z'), copenhagen),
      );
    }
  });
  test('shares the window evenly with the others: each quarter has a quarter of them', () => {
    const quarters = [0, 0, 0, 0];
    for (const id of ids) {
      const since = planNight(id, at('2026-04-16T11:44:11Z'), copenhagen).releaseAt - at('2026-04-16T23:00:00Z');
      quarters[Math.floor(since / hour)] = (quarters[Math.floor(since / hour)] ?? 0) + 1;
    }
    for (const share of quarters) expect(Math.abs(share - 500)).toBeLessThan(75);
  });
});

test('the next night begins when the first of the jobs that are planned now can be released, and is now within one', () => {
  const begins = (now: string, tenant = copenhagen) => new Date(nextNight(at(now), tenant)).toISOString().slice(0, 16);
  expect(begins('2026-04-16T11:44:11Z')).toBe('2026-04-16T23:00');
  expect(begins('2026-04-17T02:59:00Z')).toBe('2026-04-17T02:59');
  expect(begins('2026-04-17T03:00:00Z')).toBe('2026-04-17T23:00');
  const evening = { ...copenhagen, night: { from: 22 * hour, to: 2 * hour, readyBy: 7 * hour } };
  expect(begins('2026-04-16T11:44:11Z', evening)).toBe('2026-04-16T20:00');
  expect(begins('2026-04-16T22:30:00Z', evening)).toBe('2026-04-16T22:30');
});

describe('an order within the window', () => {
  test('is released in what is left of it', () => {
    expect(spread('2026-04-17T01:00:00Z')).toEqual(['2026-04-17T01:00', '2026-04-17T02:59', '2026-04-17T05:00']);
  });
  test('with half an hour left is released in it, with less in the next night', () => {
    expect(spread('2026-04-17T02:30:00Z')[2]).toBe('2026-04-17T05:00');
    expect(spread('2026-04-17T02:30:00.001Z')).toEqual(['2026-04-17T23:00', '2026-04-18T02:59', '2026-04-18T05:00']);
  });
});

describe('in the night in which the clock is changed', () => {
  test('in spring the window from 01:00 to 05:00 has three hours (Copenhagen, 29 March 2026)', () => {
    expect(spread('2026-03-28T20:00:00Z')).toEqual(['2026-03-29T00:00', '2026-03-29T02:59', '2026-03-29T05:00']);
  });
  test('in autumn it has five (Copenhagen, 25 October 2026)', () => {
    expect(spread('2026-10-24T20:00:00Z')).toEqual(['2026-10-24T23:00', '2026-10-25T03:59', '2026-10-25T06:00']);
  });
  test('a begin that the clock skips is the moment of the change', () => {
    const tenant = { ...copenhagen, night: { ...usual, from: 2.5 * hour } };
    expect(spread('2026-03-28T20:00:00Z', tenant)[0]).toBe('2026-03-29T01:00');
  });
  test('a window that the clock skips as a whole is the moment of the change, and its reports are ready that morning', () => {
    const tenant = { ...copenhagen, night: { from: 2 * hour, to: 3 * hour, readyBy: 4.5 * hour } };
    expect(spread('2026-03-28T20:00:00Z', tenant)).toEqual([
      '2026-03-29T01:00',
      '2026-03-29T01:00',
      '2026-03-29T02:30',
    ]);
  });
  test('of a begin or an end that the clock shows twice it is the first', () => {
    const begin = { ...copenhagen, night: { ...usual, from: 2.5 * hour } };
    expect(spread('2026-10-24T20:00:00Z', begin)[0]).toBe('2026-10-25T00:30');
    const end = { ...copenhagen, night: { ...usual, to: 2.5 * hour } };
    expect(spread('2026-10-24T20:00:00Z', end)[1]).toBe('2026-10-25T00:29');
  });
  test('an order in the hour that comes twice is an order within the window, both times', () => {
    expect(spread('2026-10-25T00:15:00Z')[0]).toBe('2026-10-25T00:15');
    expect(spread('2026-10-25T01:15:00Z')[0]).toBe('2026-10-25T01:15');
  });
  test('a zone that changes at midnight has its night (Santiago, 6 September and 5 April 2026)', () => {
    const tenant = { timeZone: 'America/Santiago', night: usual };
    expect(spread('2026-09-06T00:00:00Z', tenant)).toEqual([
      '2026-09-06T04:00',
      '2026-09-06T07:59',
      '2026-09-06T10:00',
    ]);
    expect(spread('2026-04-05T02:30:00Z', tenant)).toEqual([
      '2026-04-05T05:00',
      '2026-04-05T08:59',
      '2026-04-05T11:00',
    ]);
    const evening = { ...tenant, night: { ...usual, from: 23.5 * hour } };
    expect(spread('2026-04-04T20:00:00Z', evening)[0]).toBe('2026-04-05T02:30');
  });
  test('a day that a zone skipped has no night (Apia, 30 December 2011)', () => {
    const tenant = { timeZone: 'Pacific/Apia', night: usual };
    expect(spread('2011-12-30T08:00:00Z', tenant)[2]).toBe('2011-12-30T17:00');
  });
});

test('a window that begins in the evening before ends in the morning', () => {
  const tenant = { ...copenhagen, night: { ...usual, from: 22 * hour } };
  expect(spread('2026-04-16T11:00:00Z', tenant)).toEqual(['2026-04-16T20:00', '2026-04-17T02:59', '2026-04-17T05:00']);
  expect(spread('2026-04-16T21:00:00Z', tenant)[0]).toBe('2026-04-16T21:00');
  expect(spread('2026-04-17T00:30:00Z', tenant)).toEqual(['2026-04-17T00:30', '2026-04-17T02:59', '2026-04-17T05:00']);
});

test('whatever the zone, the window and the time: not before now, half an hour before the deadline, within two days', () => {
  const zones = [
    'Europe/Copenhagen',
    'America/Havana',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'Africa/Cairo',
    'UTC',
  ];
  const quarterHours = (most: number) => fc.nat(most * 4 - 1).map((count) => count * 15 * minute);
  const nights = fc
    .tuple(quarterHours(24), quarterHours(20), quarterHours(2))
    .filter(([from, to]) => (to - from + 24 * hour) % (24 * hour) >= hour)
    .map(([from, to, more]) => ({ from, to, readyBy: to + 1.5 * hour + more }));
  const moments = fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), nights, moments, fc.uuid(), (timeZone, night, now, id) => {
      const { releaseAt, deadline } = planNight(id, now, { timeZone, night });
      expect(releaseAt).toBeGreaterThanOrEqual(now);
      expect(deadline - releaseAt).toBeGreaterThanOrEqual(30 * minute);
      expect(deadline - now).toBeLessThan(50 * hour);
      const morning = Temporal.Instant.fromEpochMilliseconds(deadline).toZonedDateTimeISO(timeZone);
      const shown = (morning.hour * 60 + morning.minute) * minute;
      expect(shown).toBeGreaterThanOrEqual(night.readyBy);
      expect(shown - night.readyBy).toBeLessThanOrEqual(hour);
    }),
    { numRuns: 300 },
  );
});
