import type { Caller } from '../../functions/auth/caller.ts';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import type { TokenVerifier } from '../../functions/auth/verify-token.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { sampleTenant } from '../support/sample-tenant.ts';
import { importSourceOf } from './imports/simulated-importer.ts';
import type { RunPlan } from './run-plan.ts';
import { plantedToken } from './user.ts';

/** The tenants of a run. */
export const tenantIds = ['north', 'south'] as const;

const tenants: readonly Tenant[] = tenantIds.map((id) =>
  sampleTenant({ id: restoreTenantId(id), issuer: `https://issuer.example/realms/${id}` }),
);

const roles = new Set(['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read']);

/** Knows the tokens that the simulated users send. What makes a token good is tested elsewhere. */
export const simulatedVerifier: TokenVerifier = {
  async verify(authorization) {
    const [tenantId, userId = ''] = (authorization ?? '').slice(`${plantedToken}-`.length).split('-');
    const tenant = tenants.find(({ id }) => id === tenantId);
    if (tenant === undefined) throw new ServiceError('SECURITY_TOKEN_INVALID', { challenge: 'none' });
    return { tenant, userId, userType: 'PRACTITIONER', roles } satisfies Caller;
  },
};

/** Of each tenant's server. */
const importKinds = ['fut', 'bulk-data'] as const;

/** The tenants as their records are in a run: with a server to import from, where the run has imports. */
export const serveTenants = ({ imports }: RunPlan): readonly Tenant[] =>
  tenants.map((tenant, at) => {
    if (imports === undefined) return tenant;
    return { ...tenant, import: importSourceOf(tenant.id, importKinds[at] ?? 'fut', imports.keep) };
  });
