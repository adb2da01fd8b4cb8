import { type Days, type Instant, parseDateTime } from './fhir-date-time.ts';

/** Why a line of a data set is rejected (rule 8): fixed words, so that nothing of the line can be in them. */
export type Rejection =
  | 'not UTF-8'
  | 'not JSON'
  | 'not an EpisodeOfCare'
  | 'no patient reference'
  | 'no known status'
  | 'unreadable statusHistory'
  | 'no known status in statusHistory'
  | 'active interval without start'
  | 'unreadable date'
  | 'interval ends before it starts'
  | 'id of an earlier line';

/** A time during which an episode was active (rule 2). */
export interface ActiveInterval {
  /** With date precision or less: from the first instant of those days. */
  readonly start: Instant | Days;
  /** An instant is exclusive; with date precision or less the days are included. Absent: open until the data cut-off. */
  readonly end?: Instant | Days;
}

/** What the statistic needs of one EpisodeOfCare. */
export interface Episode {
  /** The resource's id, where it has one. */
  readonly id?: string;
  /** `patient.reference` without its version (rule 1). Health data: never in a log, an error or a report. */
  readonly patient: string;
  readonly intervals: readonly ActiveInterval[];
}

/** The codes of FHIR R4's EpisodeOfCareStatus (value set `episode-of-care-status|4.0.1`). */
const statuses: ReadonlySet<unknown> = new Set([
  'planned',
  'waitlist',
  'active',
  'onhold',
  'finished',
  'cancelled',
  'entered-in-error',
]);

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A BOM is no JSON white space; one at the start of a file is taken away before. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const parseLine = (line: Uint8Array): { readonly value: unknown } | Rejection => {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    return 'not UTF-8';
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'not JSON';
  }
};

/** Rule 1. A reference into the line's own resource (`#…`) tells no patients apart, so it is none. */
const readPatient = (resource: JsonObject): string | undefined => {
  const patient = resource['patient'];
  const reference = isObject(patient) ? patient['reference'] : undefined;
  if (typeof reference !== 'string') return undefined;
  const current = reference.replace(/\/_history\/[^/]*$/, '');
  return current.trim() === '' || current.startsWith('#') ? undefined : current;
};

/** `undefined` for a member that is absent; anything that is there must be a readable text. */
const readDate = (value: unknown): Instant | Days | undefined | 'unreadable date' => {
  if (value === undefined) return undefined;
  return (typeof value === 'string' ? parseDateTime(value) : undefined) ?? 'unreadable date';
};

const readInterval = (period: unknown): ActiveInterval | Rejection => {
  if (period === undefined) return 'active interval without start';
  if (!isObject(period)) return 'unreadable date';
  const start = readDate(period['start']);
  const end = readDate(period['end']);
  if (start === undefined) return 'active interval without start';
  if (start === 'unreadable date' || end === 'unreadable date') return 'unreadable date';
  return end === undefined ? { start } : { start, end };
};

/** The periods that count (rule 2), unread: dates are read only where they decide something. */
const findActivePeriods = (resource: JsonObject): readonly unknown[] | Rejection => {
  const history = resource['statusHistory'] === undefined ? [] : resource['statusHistory'];
  if (!Array.isArray(history)) return 'unreadable statusHistory';
  const periods: unknown[] = [];
  for (const entry of history) {
    if (!isObject(entry)) return 'unreadable statusHistory';
    if (!statuses.has(entry['status'])) return 'no known status in statusHistory';
    if (entry['status'] === 'active') periods.push(entry['period']);
  }
  return periods.length === 0 && resource['status'] === 'active' ? [resource['period']] : periods;
};

/**
 * Reads one line of NDJSON as an EpisodeOfCare (FHIR R4): its patient and the intervals in which it was active.
 *
 * Decided here, where the rules leave it open: every line needs a patient reference and a status of R4's value set, also one
 * that is `entered-in-error`, of which nothing else is read; every entry of the history needs such a status; dates are read only
 * of intervals that count; an active interval needs a start. Anything unclear is rejected, since leaving it out would count too few.
 */
export const readEpisode = (line: Uint8Array): Episode | Rejection => {
  const parsed = parseLine(line);
  if (typeof parsed === 'string') return parsed;
  const resource = parsed.value;
  if (!isObject(resource) || resource['resourceType'] !== 'EpisodeOfCare') return 'not an EpisodeOfCare';
  const patient = readPatient(resource);
  if (patient === undefined) return 'no patient reference';
  if (!statuses.has(resource['status'])) return 'no known status';
  const id = typeof resource['id'] === 'string' ? { id: resource['id'] } : {};
  if (resource['status'] === 'entered-in-error') return { ...id, patient, intervals: [] };
  const periods = findActivePeriods(resource);
  if (typeof periods === 'string') return periods;
  const intervals: ActiveInterval[] = [];
  for (const period of periods) {
    const interval = readInterval(period);
    if (typeof interval === 'string') return interval;
    intervals.push(interval);
  }
  return { ...id, patient, intervals };
};
