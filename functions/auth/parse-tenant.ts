import * as v from 'valibot';
import { findAddressProblem } from './https-address.ts';
import { importSourceSchema } from './import-source.ts';
import { isTenantId, signatureAlgorithms, type Tenant, type TenantId } from './tenant.ts';
import { noTrustedPrivateHosts, type TrustedPrivateHosts } from './trusted-private-hosts.ts';

/** A registry record as a tenant, or everything that keeps it from being one. */
export type ParsedTenant =
  | { readonly ok: true; readonly tenant: Tenant }
  | {
      readonly ok: false;
      /** The record's id, where that at least has the form of one. */
      readonly id: TenantId | undefined;
      /** One line a problem, `member: what is wrong`; never a value. */
      readonly problems: readonly string[];
    };

/** Visible ASCII only, so that two issuers that look alike are alike. */
const issuerPattern = /^[\x21-\x7e]{1,512}$/;

/** The zone of a tenant whose record names none. */
const defaultTimeZone = 'Europe/Copenhagen';

/**
 * The first `Intl.DateTimeFormat` of a process costs ten times what the list of zones does (25 ms of processor time against 3, which a
 * cold start would pay). Names that are known besides those of the list, such as `UTC`, are added as they come: it is bounded by the
 * zones there are.
 */
let knownTimeZones: Set<string> | undefined;

const isKnownTimeZone = (name: string): boolean => {
  // Most tenants are in it; a container that meets no other pays nothing.
  if (name === defaultTimeZone) return true;
  knownTimeZones ??= new Set(Intl.supportedValuesOf('timeZone'));
  if (knownTimeZones.has(name)) return true;
  // Intl also takes offsets such as +01:00, which know no summer time.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  knownTimeZones.add(name);
  return true;
};

const wholeNumberUpTo = (max: number, min: 0 | 1 = 0) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(min, min === 0 ? 'must not be negative' : 'must be at least 1'),
    v.maxValue(max, `must be at most ${max}`),
  );

/** A DynamoDB string set arrives as a `Set`. */
const listOf = <Item extends v.GenericSchema>(item: Item, max: number) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (value instanceof Set ? [...value] : value)),
    v.array(item, 'must be a list'),
    v.minLength(1, 'must not be empty'),
    v.maxLength(max, `must have at most ${max} entries`),
  );

const shortText = v.pipe(
  v.string('must be a text'),
  v.nonEmpty('must not be empty'),
  v.maxLength(256, 'must be at most 256 characters'),
);

const rolesPath = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === 'string' ? value.split('.') : value)),
  listOf(shortText, 8),
);

/** As AWS forms the names of its regions: `eu-north-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const regionPattern = /^[a-z]{2,4}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/;

/** A path is optional; no slash at its end, no query and no user. */
const publicAddressPattern = /^https:\/\/[A-Za-z0-9.:-]{1,253}(?:\/[A-Za-z0-9._~/-]{0,200}[A-Za-z0-9._~-])?$/;

const allowed = v.optional(v.boolean('must be true or false'), true);

/** Counting them costs no more than one page of the index of open jobs (1 MB). */
const mostOpenJobs = 5000;

const openJobs = v.object(
  {
    execute: v.optional(wholeNumberUpTo(mostOpenJobs, 1), 100),
    schedule: v.optional(wholeNumberUpTo(mostOpenJobs, 1), 1000),
  },
  'must be an object',
);

/**
 * What a data set of `$fetch-…` may have at most: well within the api's memory (docs/limits.md). A record that says more is one of before there was
 * a bound: it stays usable, and means this.
 */
export const mostSynchronousEpisodes = 2_000_000;

const synchronousEpisodes = v.pipe(
  wholeNumberUpTo(1_000_000_000),
  v.transform((episodes) => Math.min(episodes, mostSynchronousEpisodes)),
);

const minute = 60_000;
const wholeDay = 24 * 60 * minute;

/** A time of the clock, `HH:MM`, as milliseconds since midnight. */
const timeOfDay = (fallback: string) =>
  v.optional(
    v.pipe(
      v.string('must be a text'),
      v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 01:00'),
      v.transform((text) => (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * minute),
    ),
    fallback,
  );

/**
 * The least time from the last release to the time when reports are ready, and the least length of a night: a clock that skips an hour
 * takes as much from either.
 */
const leastSlack = 90 * minute;
const leastNight = 60 * minute;

const nightWindow = v.pipe(
  v.object({ from: timeOfDay('01:00'), to: timeOfDay('05:00'), readyBy: timeOfDay('07:00') }, 'must be an object'),
  v.check(({ from, to }) => (to - from + wholeDay) % wholeDay >= leastNight, 'must be an hour long at least'),
  v.check(({ to, readyBy }) => readyBy - to >= leastSlack, 'must have readyBy 90 minutes after to at least'),
);

/** The form of a record: what each member may be, and what it is where it is left out. */
export const recordSchema = (trusted: TrustedPrivateHosts) =>
  v.object({
    id: v.pipe(v.string('must be a text'), v.guard(isTenantId, 'must be 1 to 32 characters of a-z, 0-9 and inner -')),
    enabled: allowed,
    region: v.exactOptional(v.pipe(v.string('must be a text'), v.regex(regionPattern, 'must be an AWS region'))),
    regionBaseUrl: v.exactOptional(
      v.pipe(
        v.string('must be a text'),
        v.regex(publicAddressPattern, 'must be an https address without a slash at its end'),
      ),
    ),
    issuer: v.pipe(v.string('must be a text'), v.regex(issuerPattern, 'must be 1 to 512 visible ASCII characters')),
    jwksUri: v.pipe(
      v.string('must be a text'),
      v.rawCheck(({ dataset, addIssue }) => {
        const problem = dataset.typed ? findAddressProblem(dataset.value, trusted) : undefined;
        if (problem !== undefined) addIssue({ message: problem });
      }),
    ),
    audience: listOf(shortText, 32),
    algorithms: v.optional(listOf(v.picklist(signatureAlgorithms, 'must be a known signature algorithm'), 7), [
      'RS256',
    ]),
    rolesClaim: v.optional(rolesPath, 'realm_access.roles'),
    timeZone: v.optional(
      v.pipe(v.string('must be a text'), v.check(isKnownTimeZone, 'must be an IANA time zone')),
      defaultTimeZone,
    ),
    baseline: v.optional(wholeNumberUpTo(1_000_000_000), 10_000),
    toleratedLines: v.optional(wholeNumberUpTo(1_000_000), 0),
    operations: v.optional(v.object({ execute: allowed, schedule: allowed, fetch: allowed }, 'must be an object'), {}),
    openJobs: v.optional(openJobs, {}),
    night: v.optional(nightWindow, {}),
    synchronousEpisodes: v.optional(synchronousEpisodes, 250_000),
    import: v.optional(importSourceSchema(trusted)),
  });

const idOf = (record: unknown): TenantId | undefined => {
  const id: unknown = typeof record === 'object' && record !== null ? Reflect.get(record, 'id') : undefined;
  return typeof id === 'string' && isTenantId(id) ? id : undefined;
};

const describeIssue = (issue: v.BaseIssue<unknown>): string => {
  const path = v.getDotPath(issue);
  if (path === null) return 'record: must be an object';
  return `${path}: ${issue.received === 'undefined' ? 'is missing' : issue.message}`;
};

/**
 * A tenant from a record of the registry, with the defaults that {@link Tenant} names. Members that nobody knows are ignored;
 * all problems are found at once.
 *
 * @param record what the registry holds; `audience`, `algorithms` and `rolesClaim` may be lists or DynamoDB string sets,
 *   `rolesClaim` also a path with dots.
 * @param trusted hosts of a private network that `jwksUri` and the addresses in `import` may name.
 */
export const parseTenant = (record: unknown, trusted: TrustedPrivateHosts = noTrustedPrivateHosts): ParsedTenant => {
  const result = v.safeParse(recordSchema(trusted), record);
  if (!result.success) return { ok: false, id: idOf(record), problems: result.issues.map(describeIssue) };
  return { ok: true, tenant: result.output };
};
