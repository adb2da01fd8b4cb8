import { describe, expect, it } from 'vitest';
import { buildTenantDirectory } from '../../functions/auth/tenant-directory.ts';
import { tenantRecord } from '../support/auth-bench.ts';

const build = (records: readonly unknown[]) => buildTenantDirectory(records, new Set(), 'eu-north-1');

describe('buildTenantDirectory', () => {
  it('finds tenants by issuer and by id, disabled ones too', () => {
    const directory = build([tenantRecord('a'), tenantRecord('b', { enabled: false })]);
    expect([...directory.byId.keys()]).toEqual(['a', 'b']);
    expect(directory.byIssuer.get('https://login.b.dk/realms/ehealth')).toMatchObject({ id: 'b', enabled: false });
    expect(directory.unusable).toEqual([]);
  });

  it('knows which tenants are of another region; a record without one belongs to where it stands', () => {
    const directory = build([
      tenantRecord('a'),
      tenantRecord('b', { region: 'eu-north-1' }),
      tenantRecord('c', { region: 'eu-west-1' }),
    ]);
    const elsewhere = [...directory.byId.values()].filter((tenant) => tenant.elsewhere === true);
    expect(elsewhere.map(({ id }) => id)).toEqual(['c']);
    expect(directory.byIssuer.get('https://login.c.dk/realms/ehealth')?.elsewhere).toBe(true);
  });

  it('leaves out a broken record and nothing else', () => {
    const directory = build([tenantRecord('a'), tenantRecord('b', { jwksUri: 'https://10.0.0.1/' }), null, {}]);
    expect([...directory.byId.keys()]).toEqual(['a']);
    expect(directory.unusable).toEqual([
      { tenant: 'b', problems: ['jwksUri: must not point into a private network'] },
      { tenant: 'unknown', problems: ['record: must be an object'] },
      { tenant: 'unknown', problems: expect.arrayContaining(['id: is missing', 'issuer: is missing']) },
    ]);
  });

  it('serves none of the tenants that share an issuer, even if one of them is disabled', () => {
    const issuer = 'https://login.shared.dk';
    const directory = build([
      tenantRecord('a', { issuer }),
      tenantRecord('b', { issuer, enabled: false }),
      tenantRecord('c'),
    ]);
    expect([...directory.byId.keys()]).toEqual(['c']);
    expect(directory.byIssuer.get(issuer)).toBeUndefined();
    expect(directory.unusable).toEqual([
      { tenant: 'a', problems: ['issuer: is used by another tenant'] },
      { tenant: 'b', problems: ['issuer: is used by another tenant'] },
    ]);
  });

  it('serves none of the tenants that share an id', () => {
    const directory = build([tenantRecord('a'), tenantRecord('a', { issuer: 'https://login.other.dk' })]);
    expect(directory.byIssuer.size).toBe(0);
    expect(directory.unusable).toHaveLength(2);
  });

  it('T41: knows no issuer by the name of a prototype member', () => {
    const directory = build([tenantRecord('a', { issuer: '__proto__' }), tenantRecord('b')]);
    expect(directory.byIssuer.get('__proto__')).toMatchObject({ id: 'a' });
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(directory.byIssuer.get(name)).toBeUndefined();
    }
  });
});
