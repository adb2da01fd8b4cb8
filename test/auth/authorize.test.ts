import { describe, expect, it } from 'vitest';
import { requireHomeRegion, requireRole, requireUserType } from '../../functions/auth/authorize.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const regionBaseUrl = 'https://west.example/fhir';

describe('requireHomeRegion', () => {
  it('passes a tenant of the region that is asked, also where its own address is known', () => {
    expect(() => requireHomeRegion({ tenant: sampleTenant({ region: 'eu-north-1', regionBaseUrl }) })).not.toThrow();
  });

  it.each([
    [{}, { reason: 'region' }],
    [{ regionBaseUrl }, { cause: `Send the request to ${regionBaseUrl} instead.`, reason: 'region' }],
  ])('says where a tenant of another region is served as far as its record does: %j', (own, details) => {
    const tenant = sampleTenant({ region: 'eu-west-1', elsewhere: true, ...own });
    expect(() => requireHomeRegion({ tenant })).toThrow(
      expect.objectContaining({ code: 'GENERAL_MISDIRECTED_REQUEST', details }),
    );
  });
});

const caller = { roles: new Set(['Binary.read', 'report-non-anonymized']) };

describe('requireRole', () => {
  it('passes a caller who has the role', () => {
    expect(() => requireRole(caller, 'Binary.read', 'Binary read')).not.toThrow();
  });

  it.each(['binary.READ', 'Binary.readonly', 'Binary.rea', '*', '', 'has', '__proto__'])(
    'T49: only the role to the letter counts, not %o',
    (role) => {
      expect(() => requireRole({ roles: new Set([role]) }, 'Binary.read', 'Binary read')).toThrow();
    },
  );

  it('T51: names the operation and the missing role', () => {
    expect(() => requireRole(caller, '$fetch-patient-usage-stats', '$execute-patient-usage-stats')).toThrow(
      expect.objectContaining({
        code: 'SECURITY_TOKEN_INSUFFICIENT_PERMISSION',
        details: { args: ['$execute-patient-usage-stats', '$fetch-patient-usage-stats'], reason: 'role' },
      }),
    );
  });
});

describe('requireUserType', () => {
  it.each(['PRACTITIONER', 'SYSTEM'])('lets %s order', (userType) => {
    expect(() => requireUserType({ userType }, '$execute-patient-usage-stats')).not.toThrow();
  });

  it.each(['PATIENT', 'practitioner', 'SYSTEM ', '', 'ADMIN'])('refuses %o without repeating it', (userType) => {
    expect(() => requireUserType({ userType }, '$execute-patient-usage-stats')).toThrow(
      expect.objectContaining({
        code: 'SECURITY_TOKEN_INSUFFICIENT_PERMISSION',
        details: {
          args: ['$execute-patient-usage-stats', 'user_type PRACTITIONER or SYSTEM'],
          reason: 'user-type',
        },
      }),
    );
  });
});
