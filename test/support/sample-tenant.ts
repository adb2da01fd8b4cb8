import type { CachingTenantRegistry } from '../../functions/auth/caching-tenant-registry.ts';
import type { ImportSource } from '../../functions/auth/import-source.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { demoTenant } from './sample-job.ts';

/** The tenant `demo` with everything at its default; what is given replaces what it has. */
export const sampleTenant = (own: Partial<Tenant> = {}): Tenant => ({
  id: demoTenant,
  enabled: true,
  issuer: 'https://issuer.example/realms/demo',
  jwksUri: 'https://issuer.example/realms/demo/protocol/openid-connect/certs',
  audience: ['account'],
  algorithms: ['RS256'],
  rolesClaim: ['realm_access', 'roles'],
  timeZone: 'Europe/Copenhagen',
  baseline: 10_000,
  toleratedLines: 0,
  operations: { execute: true, schedule: true, fetch: true },
  openJobs: { execute: 100, schedule: 1000 },
  night: { from: 3_600_000, to: 5 * 3_600_000, readyBy: 7 * 3_600_000 },
  synchronousEpisodes: 250_000,
  ...own,
});

/** A registry with these tenants and no others. */
export const registryOf = (...tenants: readonly Tenant[]): CachingTenantRegistry => ({
  all: async () => tenants,
  byIssuer: async (issuer) => tenants.find((tenant) => tenant.issuer === issuer),
  byId: async (id) => tenants.find((tenant) => tenant.id === id),
});

/** Where a tenant is fetched from every night. */
export const sampleImportSource: ImportSource = {
  kind: 'bulk-data',
  baseUrl: 'https://fhir.example.dk/r4',
  hosts: [],
  signIn: { kind: 'smart-backend', clientId: 'reporting', secret: 'key', scope: 'system/EpisodeOfCare.read' },
  keep: 3,
  nightly: true,
};
