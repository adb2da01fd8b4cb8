import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import {
  awaitImportSince,
  isOfNight,
  isTimeForImport,
  planNightlyImport,
} from '../../functions/imports/nightly-import.ts';
import { sampleImportSource, sampleTenant } from '../support/sample-tenant.ts';

const hour = 3_600_000;
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const show = (millis: number): string => new Date(millis).toISOString().slice(0, 16);
const noon = at('2026-04-16T10:00:00Z');
const tenants = Array.from({ length: 1000 }, (_, n) => sampleTenant({ id: restoreTenantId(`tenant-${n}`) }));

describe("a night's import", () => {
  test('is begun between 22:00 and 24:00 by the clock of its tenant, where reports are made from 01:00 on', () => {
    const times = tenants.map((tenant) => planNightlyImport(noon, tenant).at);
    expect([show(Math.min(...times)), show(Math.max(...times))]).toEqual(['2026-04-16T20:00', '2026-04-16T21:59']);
    expect(show(planNightlyImport(noon, sampleTenant()).closes)).toBe('2026-04-17T03:00');
  });

  test('comes at times that are spread evenly over tenants: no tenth of the two hours has twice its share', () => {
    const tenths = tenants.map((tenant) => {
      const plan = planNightlyImport(noon, tenant);
      return Math.floor(((plan.at - plan.opens) / (2 * hour)) * 10);
    });
    for (let tenth = 0; tenth < 10; tenth += 1) {
      expect(tenths.filter((one) => one === tenth).length).toBeLessThan(200);
    }
  });

  test('has one time however often it is asked for, until its night ends', () => {
    const tenant = sampleTenant();
    const first = planNightlyImport(noon, tenant);
    for (const now of [first.opens, first.at, first.at + hour, first.closes - 1]) {
      expect(planNightlyImport(now, tenant)).toEqual(first);
    }
    expect(planNightlyImport(first.closes, tenant).at).toBe(first.at + 24 * hour);
  });

  test('can be begun from its time on to the end of the window, and not again once it was', () => {
    const plan = planNightlyImport(noon, sampleTenant());
    expect([plan.at - 1, plan.at, plan.closes - 1, plan.closes].map((now) => isTimeForImport(now, plan))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isOfNight(undefined, plan)).toBe(false);
    expect(isOfNight({ begun: plan.opens - 1 }, plan)).toBe(false);
    expect(isOfNight({ begun: plan.opens }, plan)).toBe(true);
  });

  test('of a night that begins in the evening comes in the afternoon before', () => {
    const night = { from: 20 * hour, to: 4 * hour, readyBy: 6 * hour };
    const plan = planNightlyImport(noon, sampleTenant({ night }));
    expect([show(plan.opens), show(plan.closes)]).toEqual(['2026-04-16T15:00', '2026-04-17T02:00']);
  });
});

describe('a scheduled report', () => {
  test('is made from the import of the night in which it is released', () => {
    const tenant = sampleTenant({ import: sampleImportSource });
    const { opens, closes } = planNightlyImport(noon, tenant);
    for (const releaseAt of [opens + 3 * hour, closes - 1]) expect(awaitImportSince(releaseAt, tenant)).toBe(opens);
  });

  test.each<[string, Partial<Tenant>]>([
    ['has no server', { import: undefined }],
    ['wants none', { import: { ...sampleImportSource, nightly: false } }],
    ['is served elsewhere', { import: sampleImportSource, elsewhere: true }],
  ])('awaits no import of a tenant that %s', (_what, own) => {
    expect(awaitImportSince(noon, sampleTenant(own))).toBeUndefined();
  });
});
