import { describe, expect, it } from 'vitest';
import { requireRole, requireUserType } from '../../functions/auth/authorize.ts';

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
