import { isTenantId, type TenantId } from '../functions/auth/tenant.ts';
import { parseInstant } from '../functions/episodes/fhir-date-time.ts';
import { type JobMessage, readJobMessage } from '../functions/jobs/job-message.ts';
import { type readArguments, UsageError } from './command-line.ts';

/** The options of `npm run redrive`. */
export const redriveOptions = {
  apply: { type: 'boolean', default: false },
  discard: { type: 'string', multiple: true, default: [] as string[] },
  'discard-of': { type: 'string' },
  binary: { type: 'string', multiple: true, default: [] as string[] },
  failed: { type: 'boolean', default: false },
  tenant: { type: 'string' },
  since: { type: 'string' },
  code: { type: 'string' },
  within: { type: 'string', default: '15' },
  most: { type: 'string', default: '1000' },
  stage: { type: 'string' },
  region: { type: 'string' },
  table: { type: 'string' },
  queue: { type: 'string' },
  'dead-letters': { type: 'string' },
} as const;

const readNumber = (name: string, text: string, least: number, most: number): number => {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < least || number > most) throw new UsageError(`--${name} has to be a number from ${least} to ${most}`);
  return number;
};

/**
 * In minutes. A job is ended three minutes before its deadline, a worker takes it for one at least, and where its message is lost the
 * dispatcher's comes after two: with less, a job would be reopened only to fail again.
 */
const leastWithin = 10;

const readTenant = (text: string, option = 'tenant'): TenantId => {
  if (!isTenantId(text)) throw new UsageError(`--${option} has to be 1 to 32 characters of a-z, 0-9 and inner -`);
  return text;
};

const readBinary = (text: string): JobMessage => {
  const [tenant, binaryId] = text.split('/');
  const message = readJobMessage(JSON.stringify({ tenant, binaryId }));
  if (message === undefined) throw new UsageError('--binary has to be <tenant>/<binary id>');
  return message;
};

const readSince = (text: string): number => {
  const instant = parseInstant(text);
  if (instant === undefined) {
    throw new UsageError('--since has to be an instant with a zone, such as 2026-04-16T11:44:11+02:00');
  }
  return instant.millis;
};

type Values = ReturnType<typeof readArguments<typeof redriveOptions>>['values'];

/**
 * What was asked for, checked before anything is touched.
 *
 * @throws UsageError for a value that is none, and for options that do not go together
 */
export const readRedriveOrder = (values: Values) => {
  const { apply, failed } = values;
  const most = readNumber('most', values.most, 1, 100_000);
  const binaries = values.binary.map(readBinary);
  const filter = {
    most,
    ...(values.tenant === undefined ? {} : { tenantId: readTenant(values.tenant) }),
    ...(values.since === undefined ? {} : { since: readSince(values.since) }),
    ...(values.code === undefined ? {} : { code: values.code }),
  };
  if (!failed && Object.keys(filter).length > 1) throw new UsageError('--tenant, --since and --code go with --failed');
  if (failed && binaries.length > 0) throw new UsageError('--failed and --binary do not go together');
  const isAboutJobs = failed || binaries.length > 0;
  if (isAboutJobs && values.discard.length > 0) throw new UsageError('--discard is about dead letters only');
  const discardOf = values['discard-of'];
  if (isAboutJobs && discardOf !== undefined) throw new UsageError('--discard-of is about dead letters only');
  const within = readNumber('within', values.within, leastWithin, 1440) * 60_000;
  return {
    apply,
    failed,
    isAboutJobs,
    binaries,
    filter,
    most,
    within,
    waitSeconds: 1,
    discard: new Set(values.discard),
    ...(discardOf === undefined ? {} : { discardOf: readTenant(discardOf, 'discard-of') }),
  } as const;
};

/** What `npm run redrive` is to do. */
export type RedriveOrder = ReturnType<typeof readRedriveOrder>;
