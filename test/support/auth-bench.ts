import { createIssuerKeys, type JwksFetcher } from '../../functions/auth/issuer-keys.ts';
import { parseTenant } from '../../functions/auth/parse-tenant.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import type { TenantRegistry } from '../../functions/auth/tenant-registry.ts';
import { createTokenVerifier, type TokenVerifier } from '../../functions/auth/verify-token.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import type { Json } from './signed-tokens.ts';

/** A registry record that a tenant can be made of. */
export const tenantRecord = (id: string, members: Json = {}): Json => ({
  id,
  issuer: `https://login.${id}.dk/realms/ehealth`,
  jwksUri: `https://login.${id}.dk/realms/ehealth/protocol/openid-connect/certs`,
  audience: ['EHealth'],
  ...members,
});

/** A tenant from {@link tenantRecord}. */
export const createTenant = (id: string, members: Json = {}): Tenant => {
  const parsed = parseTenant(tenantRecord(id, members));
  if (!parsed.ok) throw new TypeError(parsed.problems.join());
  return parsed.tenant;
};

/** A verifier whose tenants, key sets and time the test decides, and which counts fetches. */
export interface AuthBench {
  readonly verifier: TokenVerifier;
  readonly clock: ManualClock;
  readonly log: RecordedLog;
  /** What each `jwksUri` answers from now on; an address that is not in it does not answer. */
  readonly documents: Map<string, Uint8Array>;
  /** The addresses that were fetched, in order. */
  readonly fetched: string[];
  /** The contract's claims for a tenant, issued a minute ago and good for four more. */
  claims(tenant: Tenant, members?: Json): Json;
}

/**
 * An {@link AuthBench} over these tenants.
 *
 * @param source where key sets come from, in place of `documents`.
 */
export const createAuthBench = (tenants: readonly Tenant[], source?: JwksFetcher): AuthBench => {
  const clock = createManualClock();
  const log = createRecordedLog();
  const documents = new Map<string, Uint8Array>();
  const fetched: string[] = [];
  const registry: TenantRegistry = {
    byIssuer: async (issuer) => tenants.find((tenant) => tenant.issuer === issuer),
    byId: async (id) => tenants.find((tenant) => tenant.id === id),
  };
  const fetcher = {
    fetch: async (jwksUri: string) => {
      fetched.push(jwksUri);
      if (source !== undefined) return source.fetch(jwksUri);
      const document = documents.get(jwksUri);
      if (document === undefined) throw new Error('nobody answers');
      return document;
    },
  };
  const keys = createIssuerKeys({ fetcher, clock, logger: log });
  return {
    verifier: createTokenVerifier({ registry, keys, clock, logger: log }),
    clock,
    log,
    documents,
    fetched,
    claims: (tenant, members = {}) => {
      const now = Math.floor(clock.now() / 1000);
      return {
        iss: tenant.issuer,
        aud: tenant.audience[0],
        iat: now - 60,
        exp: now + 240,
        user_id: 'fbf769fc-7131-4ad6-82f1-25537983f6b5',
        user_type: 'PRACTITIONER',
        realm_access: { roles: ['report-non-anonymized', '$fetch-patient-usage-stats', 'Binary.read'] },
        ...members,
      };
    },
  };
};
