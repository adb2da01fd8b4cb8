import { expect, test } from 'vitest';
import { describeTenant, describeTenants } from '../../local/describe-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const reader = { trusted: new Set<string>(), region: 'eu-north-1' };

test('tenants are listed as the functions see them', () => {
  const records = [
    tenantRecord('a'),
    tenantRecord('b', { enabled: false, region: 'eu-west-1' }),
    tenantRecord('c', { issuer: 'https://shared.example', region: 'eu-north-1' }),
    tenantRecord('d', { issuer: 'https://shared.example', audience: [] }),
    tenantRecord('e', { issuer: 'https://shared.example' }),
  ];
  expect(describeTenants(records, reader).split('\n')).toEqual([
    'tenant  enabled  region                   issuer                             problems',
    'a       yes      eu-north-1 (by default)  https://login.a.dk/realms/ehealth  -',
    'b       no       eu-west-1 (not here)     https://login.b.dk/realms/ehealth  -',
    'c       yes      eu-north-1               https://shared.example             issuer: is used by another tenant',
    'd       yes      eu-north-1 (by default)  https://shared.example             audience: must not be empty',
    'e       yes      eu-north-1 (by default)  https://shared.example             issuer: is used by another tenant',
  ]);
});

test('what is in effect is shown member by member, with where it comes from', () => {
  const lines = describeTenant(tenantRecord('a', { night: { from: '22:30' }, audience: ['x', 'y'] }), reader);
  const rows = lines.split('\n').map((line) => line.split(/ {2,}/));
  expect(rows).toEqual(
    expect.arrayContaining([
      ['audience', 'x, y', 'record'],
      ['night.from', '22:30', 'record'],
      ['night.readyBy', '07:00', 'default'],
      ['rolesClaim', 'realm_access.roles', 'default'],
      ['region', 'eu-north-1', 'default'],
      ['operations.fetch', 'true', 'default'],
    ]),
  );
});

test('a record that does not serve is told with all that is wrong with it', () => {
  expect(describeTenant({ id: 'a', issuer: 'https://a.example' }, reader).split('\n')).toEqual([
    'This record does not serve; tokens of the tenant are refused:',
    '  jwksUri: is missing',
    '  audience: is missing',
  ]);
});
