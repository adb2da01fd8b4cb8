import { CommandError } from './command-line.ts';
import { findOtherRegion, revisionMember, type TenantRecord } from './tenant-records.ts';

const sortMembers = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, inner]) => [name, sortMembers(inner)]));
};

/** Records as one line of JSON each, members in alphabetical order: two exports differ only where a record does. */
export const writeExport = (records: readonly TenantRecord[]): string =>
  records.map((record) => `${JSON.stringify(sortMembers(record))}\n`).join('');

const isRecord = (read: unknown): read is TenantRecord =>
  typeof read === 'object' && read !== null && !Array.isArray(read);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** One object over any number of lines, or one a line. */
const readRecords = (text: string, source: string): readonly TenantRecord[] => {
  const whole = parse(text);
  if (isRecord(whole)) return [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records = whole === undefined && lines.length > 1 ? lines.map(parse) : [];
  if (records.length > 0 && records.every(isRecord)) return records;
  throw new CommandError(`${source}: has to be one JSON object, a tenant's record, or an export with one a line`);
};

/**
 * The record that a text holds: a file written by hand, `tenant -- show --record` or `tenant -- export`.
 *
 * @param source names the text in messages
 * @param only the tenant's id, where the text may hold several
 * @throws CommandError when it holds none, not that one, or several of which none was named
 */
export const pickRecord = (text: string, source: string, only?: string): TenantRecord => {
  const records = readRecords(text, source);
  const picked = only === undefined ? records : records.filter(({ id }) => id === only);
  const [record] = picked;
  if (record !== undefined && picked.length === 1) return record;
  const ids = records.map(({ id }) => id).join(', ');
  if (record === undefined) throw new CommandError(`${source}: has no record of ${only}; there are ${ids}.`);
  throw new CommandError(`${source}: has ${picked.length} records (${ids}); --only says which.`);
};

/**
 * A record of another table (another region's, a restored one, or an export of one) as one of this table: its revision does not count here,
 * and it is to be of this region, or it keeps the one that it names.
 *
 * @param region that of this table
 * @param keepsRegion whether a tenant that has moved elsewhere is to stay there
 * @throws CommandError where it is not, and the record has the address to which its users are sent: two regions would serve the tenant
 */
export const adoptRecord = (record: TenantRecord, region: string, keepsRegion: boolean): TenantRecord => {
  const { [revisionMember]: _counted, ...kept } = record;
  if (keepsRegion) return kept;
  const { regionBaseUrl, ...rest } = kept;
  const other = findOtherRegion(record, region);
  if (regionBaseUrl !== undefined && other !== undefined) {
    throw new CommandError(
      `Nothing was written: this record says that ${record['id']} has moved to ${other} (regionBaseUrl). --adopt --elsewhere keeps that. If it is to be served here, take regionBaseUrl out first.`,
    );
  }
  return { ...rest, region };
};

/** What is left to be done in the region that a record named before it was adopted: a line, or nothing where it named none, or this one. */
export const describeOtherRegion = (read: TenantRecord, region: string): string => {
  const other = findOtherRegion(read, region);
  return other === undefined
    ? ''
    : `It was of ${other} in what was read. There its record has to name ${region} from now on: else both serve it.\n`;
};
