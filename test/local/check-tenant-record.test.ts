import { expect, test } from 'vitest';
import { checkTenantRecord } from '../../local/check-tenant-record.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const surroundings = { others: [], trusted: new Set<string>(), region: 'eu-north-1', mayBeElsewhere: false };

test('a good record has no problem, also as it was read with its revision', () => {
  const record = tenantRecord('demo', { region: 'eu-north-1', revision: 3, night: { from: '02:00' } });
  expect(checkTenantRecord(record, { ...surroundings, others: [record] })).toEqual([]);
});

test('everything that is wrong is told at once', () => {
  const record = { id: 'A', issuer: 'https://x.example', jwksUri: 'http://x.example', baseline: -1, extra: 1 };
  expect(checkTenantRecord(record, surroundings)).toEqual([
    'id: must be 1 to 32 characters of a-z, 0-9 and inner -',
    expect.stringMatching(/^jwksUri: /),
    'audience: is missing',
    'baseline: must not be negative',
    "extra: is not a member of a tenant's record",
  ]);
});

test.each([
  [{ timezone: 'Europe/Oslo' }, "timezone: is not a member of a tenant's record; is timeZone meant?"],
  [{ 'time-zone': 'Europe/Oslo' }, "time-zone: is not a member of a tenant's record; is timeZone meant?"],
  [
    { operations: { Fetch: false } },
    "operations.Fetch: is not a member of a tenant's record; is operations.fetch meant?",
  ],
  [{ night: { readyby: '07:00' } }, "night.readyby: is not a member of a tenant's record; is night.readyBy meant?"],
  [{ constructor: 1 }, "constructor: is not a member of a tenant's record"],
])('%j would be looked at by nobody', (members, problem) => {
  expect(checkTenantRecord(tenantRecord('demo', members), surroundings)).toEqual([problem]);
});

test('an issuer selects one tenant', () => {
  const others = [tenantRecord('other', { issuer: tenantRecord('demo')['issuer'] })];
  expect(checkTenantRecord(tenantRecord('demo'), { ...surroundings, others })).toEqual([
    'issuer: is that of tenant other already; the registry would serve neither',
  ]);
});

test('another region than that of the table has to be meant', () => {
  const record = tenantRecord('demo', { region: 'eu-west-1' });
  expect(checkTenantRecord(record, surroundings)).toEqual([expect.stringMatching(/^region: .*--elsewhere/)]);
  expect(checkTenantRecord(record, { ...surroundings, mayBeElsewhere: true })).toEqual([]);
});

test('more episodes within a call than the api has memory for are refused when they are written', () => {
  const check = (synchronousEpisodes: number) =>
    checkTenantRecord(tenantRecord('demo', { synchronousEpisodes }), surroundings);
  expect(check(2_000_000)).toEqual([]);
  expect(check(2_000_001)).toEqual(['synchronousEpisodes: must be at most 2000000, what the api has memory for']);
});
