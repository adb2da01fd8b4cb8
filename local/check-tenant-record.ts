import type * as v from 'valibot';
import { mostSynchronousEpisodes, parseTenant, recordSchema } from '../functions/auth/parse-tenant.ts';
import type { TrustedPrivateHosts } from '../functions/auth/trusted-private-hosts.ts';
import { revisionMember, type TenantRecord } from './tenant-records.ts';

/** What a new record is checked against. */
export interface RecordSurroundings {
  /** All records that are there. */
  readonly others: readonly TenantRecord[];
  readonly trusted: TrustedPrivateHosts;
  /** The region of the table. */
  readonly region: string;
  /** The record may name another region: its tenant has moved there, and its users are to be told so. */
  readonly mayBeElsewhere: boolean;
}

/** The schema's members, where it is one of an object. */
const membersOf = (schema: v.GenericSchema): Readonly<Record<string, v.GenericSchema>> | undefined => {
  const { wrapped, entries } = schema as {
    readonly wrapped?: v.GenericSchema;
    readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  };
  return wrapped === undefined ? entries : membersOf(wrapped);
};

const describeUnknown = (path: string, name: string, known: readonly string[]): string => {
  const alike = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase().replaceAll(/[_-]/g, ''));
  return `${path}${name}: is not a member of a tenant's record${alike === undefined ? '' : `; is ${path}${alike} meant?`}`;
};

/** Members that no function would look at: a default would stand where the writer meant something else. */
const findUnknownMembers = (value: unknown, schema: v.GenericSchema, path = ''): string[] => {
  const members = membersOf(schema);
  if (members === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (path === '' && name === revisionMember) return [];
    const known = Object.hasOwn(members, name) ? members[name] : undefined;
    if (known === undefined) return [describeUnknown(path, name, Object.keys(members))];
    return findUnknownMembers(inner, known, `${path}${name}.`);
  });
};

/**
 * Everything that is wrong with a record that is to be written, one line a problem, `member: what is wrong`; empty where nothing is.
 * More than a function asks of it: also members that nobody knows, an issuer that another tenant has, and another region.
 */
export const checkTenantRecord = (record: TenantRecord, surroundings: RecordSurroundings): readonly string[] => {
  const { others, trusted, region, mayBeElsewhere } = surroundings;
  const parsed = parseTenant(record, trusted);
  const problems = [...(parsed.ok ? [] : parsed.problems), ...findUnknownMembers(record, recordSchema(trusted))];
  const owner = others.find((other) => other['id'] !== record['id'] && other['issuer'] === record['issuer']);
  if (record['issuer'] !== undefined && owner !== undefined) {
    problems.push(`issuer: is that of tenant ${owner['id']} already; the registry would serve neither`);
  }
  if (parsed.ok && parsed.tenant.region !== undefined && parsed.tenant.region !== region && !mayBeElsewhere) {
    problems.push(
      `region: this table is that of ${region}, so callers of the tenant would be sent away; --elsewhere, if that is meant; --adopt, if it is to be of this one`,
    );
  }
  if (Number(record['synchronousEpisodes'] ?? 0) > mostSynchronousEpisodes) {
    problems.push(`synchronousEpisodes: must be at most ${mostSynchronousEpisodes}, what the api has memory for`);
  }
  return problems;
};
