import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../functions/auth/parse-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const problemsOf = (record: unknown, trusted: readonly string[] = []): readonly string[] => {
  const parsed = parseTenant(record, new Set(trusted));
  return parsed.ok ? [] : parsed.problems;
};

describe('parseTenant', () => {
  it('fills in the defaults', () => {
    expect(parseTenant(tenantRecord('demo'))).toEqual({
      ok: true,
      tenant: {
        id: 'demo',
        enabled: true,
        issuer: 'https://login.demo.dk/realms/ehealth',
        jwksUri: 'https://login.demo.dk/realms/ehealth/protocol/openid-connect/certs',
        audience: ['EHealth'],
        algorithms: ['RS256'],
        rolesClaim: ['realm_access', 'roles'],
        timeZone: 'Europe/Copenhagen',
        baseline: 10_000,
        toleratedLines: 0,
        operations: { execute: true, schedule: true, fetch: true },
        openJobs: { execute: 100, schedule: 1000 },
        night: { from: 3_600_000, to: 5 * 3_600_000, readyBy: 7 * 3_600_000 },
        synchronousEpisodes: 250_000,
      },
    });
  });

  it.each(['eu-north-1', 'us-gov-west-1', 'ap-southeast-5', 'eusc-de-east-1'])('takes the region %s', (region) => {
    expect(parseTenant(tenantRecord('demo', { region }))).toMatchObject({ ok: true, tenant: { region } });
  });

  it.each(['', 'EU-NORTH-1', 'eu-north', 'north', 'eu-north-1a', 'eu-north-1\n', 1])(
    'refuses the region %j',
    (region) => {
      expect(problemsOf(tenantRecord('demo', { region }))).toEqual([expect.stringMatching(/^region: must be /)]);
    },
  );

  it.each(['https://reporting.example', 'https://reporting.example:8443/eu/fhir'])(
    'takes the address %s',
    (address) => {
      expect(problemsOf(tenantRecord('demo', { regionBaseUrl: address }))).toEqual([]);
    },
  );

  it.each([
    'http://a.example',
    'https://a.example/',
    'https://u:p@a.example',
    'https://a.example/fhir?x',
    'https://',
    'a',
  ])('refuses the address %s', (address) => {
    const problem = 'regionBaseUrl: must be an https address without a slash at its end';
    expect(problemsOf(tenantRecord('demo', { regionBaseUrl: address }))).toEqual([problem]);
  });

  it('reads the night as times of the clock, also one that begins in the evening before', () => {
    const night = { from: '22:30', to: '04:00', readyBy: '05:30' };
    expect(parseTenant(tenantRecord('demo', { night, synchronousEpisodes: 0 }))).toMatchObject({
      ok: true,
      tenant: {
        night: { from: 22.5 * 3_600_000, to: 4 * 3_600_000, readyBy: 5.5 * 3_600_000 },
        synchronousEpisodes: 0,
      },
    });
    expect(parseTenant(tenantRecord('demo', { night: { from: '04:00' } }))).toMatchObject({
      tenant: { night: { from: 4 * 3_600_000, to: 5 * 3_600_000 } },
    });
  });

  it('takes no more episodes within a call than the api has memory for, also from a record of before there was a bound', () => {
    const read = (synchronousEpisodes: number) => parseTenant(tenantRecord('demo', { synchronousEpisodes }));
    expect(read(2_000_000)).toMatchObject({ ok: true, tenant: { synchronousEpisodes: 2_000_000 } });
    expect(read(1_000_000_000)).toMatchObject({ ok: true, tenant: { synchronousEpisodes: 2_000_000 } });
    expect(read(1_000_000_001)).toMatchObject({ ok: false });
  });

  it.each([
    [{ from: '1:00' }, 'night.from: must be a time such as 01:00'],
    [{ to: '24:00' }, 'night.to: must be a time such as 01:00'],
    [{ from: '05:00' }, 'night: must be an hour long at least'],
    [{ from: '04:01' }, 'night: must be an hour long at least'],
    [{ readyBy: '06:29' }, 'night: must have readyBy 90 minutes after to at least'],
    [{ from: '21:00', to: '23:00' }, 'night: must have readyBy 90 minutes after to at least'],
    ['01:00-05:00', 'night: must be an object'],
  ])('refuses the night %j', (night, problem) => {
    expect(problemsOf(tenantRecord('demo', { night }))).toEqual([problem]);
  });

  it.each([
    [
      { execute: 1, schedule: 5000 },
      { execute: 1, schedule: 5000 },
    ],
    [{ execute: 7 }, { execute: 7, schedule: 1000 }],
    [{}, { execute: 100, schedule: 1000 }],
  ])('H66: reads the open jobs %j', (openJobs, read) => {
    expect(parseTenant(tenantRecord('demo', { openJobs }))).toMatchObject({ tenant: { openJobs: read } });
  });

  it.each([
    [{ execute: 0 }, 'openJobs.execute: must be at least 1'],
    [{ schedule: 5001 }, 'openJobs.schedule: must be at most 5000'],
    [{ execute: 1.5 }, 'openJobs.execute: must be a whole number'],
    [{ schedule: '7' }, 'openJobs.schedule: must be a number'],
    [100, 'openJobs: must be an object'],
  ])('H66: refuses the open jobs %j', (openJobs, problem) => {
    expect(problemsOf(tenantRecord('demo', { openJobs }))).toEqual([problem]);
  });

  it('takes what is given and ignores what nobody knows', () => {
    const record = tenantRecord('demo', {
      enabled: false,
      audience: new Set(['account', 'EHealth']),
      algorithms: new Set(['ES256']),
      rolesClaim: ['resource_access', 'a.b', 'roles'],
      timeZone: 'America/Nuuk',
      baseline: 5,
      toleratedLines: 3,
      operations: { fetch: false, other: 1 },
      note: 'x',
    });
    const parsed = parseTenant(record);
    expect(parsed).toMatchObject({
      ok: true,
      tenant: {
        enabled: false,
        audience: ['account', 'EHealth'],
        algorithms: ['ES256'],
        rolesClaim: ['resource_access', 'a.b', 'roles'],
        timeZone: 'America/Nuuk',
        baseline: 5,
        toleratedLines: 3,
        operations: { execute: true, schedule: true, fetch: false },
      },
    });
    expect(JSON.stringify(parsed)).not.toContain('note');
  });

  it.each<[object, string]>([
    [{ id: 1 }, 'id: must be a text'],
    [{ id: 'A' }, 'id: must be 1 to 32 characters of a-z, 0-9 and inner -'],
    [{ enabled: 'yes' }, 'enabled: must be true or false'],
    [{ region: 1 }, 'region: must be a text'],
    [{ region: '1eu-north-1' }, 'region: must be an AWS region'],
    [{ regionBaseUrl: 1 }, 'regionBaseUrl: must be a text'],
    [{ regionBaseUrl: 'x https://a.dk' }, 'regionBaseUrl: must be an https address without a slash at its end'],
    [{ issuer: 1 }, 'issuer: must be a text'],
    [{ issuer: '' }, 'issuer: must be 1 to 512 visible ASCII characters'],
    [{ jwksUri: 1 }, 'jwksUri: must be a text'],
    [{ audience: 'EHealth' }, 'audience: must be a list'],
    [{ audience: [] }, 'audience: must not be empty'],
    [{ audience: Array(33).fill('a') }, 'audience: must have at most 32 entries'],
    [{ audience: [1] }, 'audience.0: must be a text'],
    [{ audience: [''] }, 'audience.0: must not be empty'],
    [{ audience: ['a'.repeat(257)] }, 'audience.0: must be at most 256 characters'],
    [{ algorithms: ['none'] }, 'algorithms.0: must be a known signature algorithm'],
    [{ rolesClaim: 1 }, 'rolesClaim: must be a list'],
    [{ timeZone: 1 }, 'timeZone: must be a text'],
    [{ timeZone: '1/Europe' }, 'timeZone: must be an IANA time zone'],
    [{ baseline: '1' }, 'baseline: must be a number'],
    [{ baseline: 1.5 }, 'baseline: must be a whole number'],
    [{ baseline: -1 }, 'baseline: must not be negative'],
    [{ baseline: 1_000_000_001 }, 'baseline: must be at most 1000000000'],
    [{ operations: 1 }, 'operations: must be an object'],
    [{ openJobs: 1 }, 'openJobs: must be an object'],
    [{ openJobs: { execute: 0 } }, 'openJobs.execute: must be at least 1'],
    [{ openJobs: { schedule: 5001 } }, 'openJobs.schedule: must be at most 5000'],
    [{ night: 1 }, 'night: must be an object'],
    [{ night: { from: 1 } }, 'night.from: must be a text'],
    [{ night: { from: 'x01:00' } }, 'night.from: must be a time such as 01:00'],
    [{ night: { from: '01:00x' } }, 'night.from: must be a time such as 01:00'],
  ])('says of %j what has to be changed', (members, problem) => {
    expect(problemsOf(tenantRecord('demo', { ...members }))).toEqual([problem]);
  });

  it('takes every bound itself', () => {
    const record = tenantRecord('demo', {
      region: 'eu-north-12',
      audience: Array(32).fill('a'.repeat(256)),
      baseline: 0,
      openJobs: { execute: 1, schedule: 5000 },
      timeZone: 'UTC',
    });
    expect(problemsOf(record)).toEqual([]);
  });

  it('finds all problems at once and repeats no value', () => {
    const record = {
      id: 'Secret Id',
      enabled: 'secret',
      jwksUri: 'http://secret.example.org/certs',
      audience: [],
      algorithms: ['HS256-secret'],
      rolesClaim: 'a..secret',
      timeZone: 'Secret/Zone',
      baseline: -1.5,
      toleratedLines: '0secret',
      operations: { execute: 'secret' },
    };
    const problems = problemsOf(record);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'id',
      'enabled',
      'issuer',
      'jwksUri',
      'audience',
      'algorithms.0',
      'rolesClaim.1',
      'timeZone',
      'baseline',
      'baseline',
      'toleratedLines',
      'operations.execute',
    ]);
    expect(problems).toContain('issuer: is missing');
    expect(problems.join().toLowerCase()).not.toContain('secret');
  });

  it.each([null, undefined, 1, 'text', [], [tenantRecord('demo')]])('refuses %o as a record', (record) => {
    expect(problemsOf(record)).not.toEqual([]);
  });

  it('keeps the id of a broken record only where it has the form of one', () => {
    expect(parseTenant({ id: 'demo' })).toMatchObject({ ok: false, id: 'demo' });
    expect(parseTenant({ id: 'De mo\n' })).toMatchObject({ ok: false, id: undefined });
  });

  it.each(['none', 'HS256', 'PS256', 'rs256'])('never allows the algorithm %s', (algorithm) => {
    expect(problemsOf(tenantRecord('demo', { algorithms: ['RS256', algorithm] }))).toEqual([
      'algorithms.1: must be a known signature algorithm',
    ]);
  });

  it.each(['', 'https://login.demo.dk/ ', 'https://login.demо.dk', 'x\n', 'x'.repeat(513)])(
    'refuses the issuer %o: visible ASCII only',
    (issuer) => {
      expect(problemsOf(tenantRecord('demo', { issuer }))).toHaveLength(1);
    },
  );

  it.each(['+01:00', 'Europe/Nowhere', '', 'UTC+1', '__proto__'])('refuses the time zone %o', (timeZone) => {
    expect(problemsOf(tenantRecord('demo', { timeZone }))).toEqual(['timeZone: must be an IANA time zone']);
  });
});

describe('jwksUri', () => {
  it.each([
    'http://login.demo.dk/certs',
    'ftp://login.demo.dk/certs',
    'file:///etc/passwd',
    'data:application/json,{}',
    'login.demo.dk/certs',
    '',
    'https://user@login.demo.dk/certs',
    'https://user:pass@login.demo.dk/certs',
    'https://login.demo.dk/certs#x',
    `https://login.demo.dk/${'x'.repeat(2048)}`,
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest',
    'https://[::ffff:169.254.169.254]/',
    'https://2852039166/',
    'https://0xa9.254.169.254/',
    'https://127.0.0.1/certs',
    'https://127.1:8443/certs',
    'https://[::1]/certs',
    'https://10.0.0.1/certs',
    'https://192.168.0.1/certs',
    'https://172.20.0.1/certs',
    'https://0/certs',
    'https://localhost/certs',
    'https://LOCALHOST:8443/certs',
    'https://a.localhost./certs',
    'https://keycloak/certs',
    'https://keycloak.internal/certs',
  ])('T58: refuses %s', (jwksUri) => {
    const problems = problemsOf(tenantRecord('demo', { jwksUri }));
    expect(problems).toEqual([expect.stringMatching(/^jwksUri: must /)]);
  });

  it('T58: accepts a private host that the operator trusts, on the port he trusts', () => {
    const trusted = ['127.0.0.1:8443', 'keycloak.internal'];
    expect(problemsOf(tenantRecord('demo', { jwksUri: 'https://127.0.0.1:8443/certs' }), trusted)).toEqual([]);
    expect(problemsOf(tenantRecord('demo', { jwksUri: 'https://keycloak.internal/certs' }), trusted)).toEqual([]);
    expect(problemsOf(tenantRecord('demo', { jwksUri: 'https://127.0.0.1:8444/certs' }), trusted)).toHaveLength(1);
  });

  it('T58: accepts a metadata address, http or credentials from nobody', () => {
    const trusted = ['169.254.169.254', 'keycloak.internal'];
    for (const jwksUri of [
      'https://169.254.169.254/x',
      'http://keycloak.internal/certs',
      'https://a:b@keycloak.internal/certs',
    ]) {
      expect(problemsOf(tenantRecord('demo', { jwksUri }), trusted)).toHaveLength(1);
    }
  });
});
