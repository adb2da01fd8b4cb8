import { parseTenant } from '../functions/auth/parse-tenant.ts';
import type { Tenant } from '../functions/auth/tenant.ts';
import { buildTenantDirectory } from '../functions/auth/tenant-directory.ts';
import type { TrustedPrivateHosts } from '../functions/auth/trusted-private-hosts.ts';
import { formatTable } from './redrive-row.ts';
import type { TenantRecord } from './tenant-records.ts';

/** Who reads the records: hosts that it trusts, and its region. */
export interface TenantReader {
  readonly trusted: TrustedPrivateHosts;
  readonly region: string;
}

const showRegion = ({ region: own }: TenantReader, region: unknown): string => {
  if (region === undefined) return `${own} (by default)`;
  return region === own ? own : `${region} (not here)`;
};

/** Each tenant in one line, as the functions see it: what keeps a record from serving stands at its end. */
export const describeTenants = (records: readonly TenantRecord[], reader: TenantReader): string => {
  const { unusable } = buildTenantDirectory(records, reader.trusted, reader.region);
  const problemsOf = (id: unknown) =>
    unusable.filter(({ tenant }) => tenant === id).flatMap(({ problems }) => problems);
  const lines = records.map((record) => [
    String(record['id']),
    record['enabled'] === false ? 'no' : 'yes',
    showRegion(reader, record['region']),
    String(record['issuer'] ?? '-'),
    problemsOf(record['id']).join('; ') || '-',
  ]);
  return formatTable([['tenant', 'enabled', 'region', 'issuer', 'problems'], ...lines]);
};

const toClock = (millis: number): string => {
  const minutes = millis / 60_000;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};

/** As a record writes it: times of the clock, and paths with dots. */
const toRecordForm = (tenant: Tenant, region: string): Readonly<Record<string, unknown>> => ({
  ...tenant,
  region: tenant.region ?? region,
  rolesClaim: tenant.rolesClaim.join('.'),
  night: Object.fromEntries(Object.entries(tenant.night).map(([name, time]) => [name, toClock(time)])),
});

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const flatten = (value: unknown, record: unknown, path: string): string[][] => {
  if (!isGroup(value)) {
    const shown = Array.isArray(value) ? value.join(', ') : String(value);
    return [[path, shown, record === undefined ? 'default' : 'record']];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    flatten(inner, isGroup(record) ? record[name] : undefined, path === '' ? name : `${path}.${name}`),
  );
};

/** The configuration that is in effect for a tenant, a member a line, and whether its record or a default says so; or its problems. */
export const describeTenant = (record: TenantRecord, { trusted, region }: TenantReader): string => {
  const parsed = parseTenant(record, trusted);
  if (!parsed.ok) {
    return [
      'This record does not serve; tokens of the tenant are refused:',
      ...parsed.problems.map((one) => `  ${one}`),
    ].join('\n');
  }
  return formatTable([['member', 'value', 'from'], ...flatten(toRecordForm(parsed.tenant, region), record, '')]);
};
