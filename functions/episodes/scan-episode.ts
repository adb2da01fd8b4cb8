import { isUtf8 } from 'node:buffer';
import type { ByteText } from './byte-text.ts';
import { skipBlank, skipValue, unusual } from './skip-json.ts';
import {
  clearSpan,
  createName,
  createSpan,
  isName,
  type Name,
  type ReadMember,
  readArray,
  readObject,
  readString,
  type Span,
} from './walk-json.ts';

/** What was found of an EpisodeOfCare. The next scan overwrites it. */
export interface ScannedEpisode {
  /** The resource's id, where it has one. */
  readonly id: Readonly<Span>;
  /** `patient.reference` without its version (rule 1). */
  readonly patient: Readonly<Span>;
  /** How many intervals count (rule 2). */
  readonly intervals: number;
  /**
   * Where their starts and ends stand, unread, four numbers for each: from and to of its start, from and to of its end, which are
   * {@link unusual} where it is open.
   */
  readonly dates: Int32Array;
}

/** Scans lines as EpisodeOfCare resources. */
export interface EpisodeScanner {
  readonly episode: ScannedEpisode;
  /**
   * Looks at the line that begins at `from`. Either finds in it, word for word, what `readEpisode` finds, or leaves it to that: a line
   * that is to be rejected, one with an escape, a member of interest that stands there twice, or anything else that is rare.
   *
   * @returns the position of the line's line feed, or {@link unusual}
   */
  scan(text: ByteText, from: number): number;
}

const lineFeed = 0x0a;
const slash = 0x2f;
/** An episode with more active intervals is unusual. */
export const mostIntervals = 64;

const names = {
  resourceType: createName('resourceType'),
  id: createName('id'),
  status: createName('status'),
  statusHistory: createName('statusHistory'),
  patient: createName('patient'),
  reference: createName('reference'),
  period: createName('period'),
  start: createName('start'),
  end: createName('end'),
};
const episodeOfCare = createName('EpisodeOfCare');
const historySegment = createName('/_history');

type Status = 'active' | 'entered-in-error' | 'other' | 'unknown';

/** The codes of R4's EpisodeOfCareStatus by their length. */
const statuses: (readonly [code: Name, status: Status])[][] = [];
for (const code of ['active', 'finished', 'planned', 'onhold', 'cancelled', 'waitlist', 'entered-in-error']) {
  const status = code === 'active' || code === 'entered-in-error' ? code : 'other';
  statuses[code.length] = [...(statuses[code.length] ?? []), [createName(code), status]];
}

/** What a string says as a status. */
const readStatus = (text: ByteText, { from, to }: Span): Status => {
  if (from === unusual) return 'unknown';
  for (const [code, status] of statuses[to - from] ?? []) if (isName(text, from, code)) return status;
  return 'unknown';
};

const isLetterOrDigit = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);

/** Takes `/_history/…` off the end of a reference. */
const cutVersion = (text: ByteText, reference: Span): void => {
  let lastSlash = reference.to - 1;
  while (lastSlash > reference.from && text.bytes[lastSlash] !== slash) lastSlash -= 1;
  const segment = lastSlash - historySegment.length;
  if (segment >= reference.from && isName(text, segment, historySegment)) reference.to = segment;
};

/** Makes a reference that of a patient (rule 1). @returns whether it is a usual one: begins with a letter or a digit */
export const readPatient = (text: ByteText, reference: Span): boolean => {
  cutVersion(text, reference);
  return reference.to > reference.from && isLetterOrDigit(text.bytes[reference.from] ?? 0);
};

/** Whether a string is one of those that decide what counts, wherever it stands: a status, or the type of the resource. */
export const isDecisive = (text: ByteText, from: number, to: number): boolean =>
  readStatus(text, { from, to }) !== 'unknown' ||
  (to - from === episodeOfCare.length && isName(text, from, episodeOfCare));

const createPeriodReader = () => {
  const start = createSpan();
  const end = createSpan();
  let isThere = false;
  const readMember: ReadMember = (text, key, length, value) => {
    if (length === 5 && isName(text, key, names.start)) return readString(text, value, start);
    if (length === 3 && isName(text, key, names.end)) return readString(text, value, end);
    return skipValue(text, value);
  };
  return {
    start,
    end,
    clear(): void {
      clearSpan(start);
      clearSpan(end);
      isThere = false;
    },
    read(text: ByteText, from: number): number {
      if (isThere) return unusual;
      isThere = true;
      return readObject(text, from, readMember);
    },
  };
};

type PeriodReader = ReturnType<typeof createPeriodReader>;

/** The intervals that count. */
const createIntervals = () => {
  const dates = new Int32Array(4 * mostIntervals);
  return {
    dates,
    intervals: 0,
    /** Whether the period could be taken: it has a start, and there is room. */
    add({ start, end }: PeriodReader): boolean {
      if (start.from === unusual || this.intervals === mostIntervals) return false;
      const at = 4 * this.intervals;
      dates[at] = start.from;
      dates[at + 1] = start.to;
      dates[at + 2] = end.from;
      dates[at + 3] = end.to;
      this.intervals += 1;
      return true;
    },
  };
};

type Intervals = ReturnType<typeof createIntervals>;

/** Reads `statusHistory`; its active entries become intervals. */
const createHistoryReader = (intervals: Intervals) => {
  const status = createSpan();
  const period = createPeriodReader();
  const readMember: ReadMember = (text, key, length, value) => {
    if (length !== 6) return skipValue(text, value);
    if (isName(text, key, names.status)) return readString(text, value, status);
    return isName(text, key, names.period) ? period.read(text, value) : skipValue(text, value);
  };
  const readEntry = (text: ByteText, from: number): number => {
    clearSpan(status);
    period.clear();
    const after = readObject(text, from, readMember);
    if (after === unusual) return unusual;
    const read = readStatus(text, status);
    return read === 'unknown' || (read === 'active' && !intervals.add(period)) ? unusual : after;
  };
  return (text: ByteText, from: number): number => readArray(text, from, readEntry);
};

/** A scanner. It holds nothing of the texts but positions. */
export const createEpisodeScanner = (): EpisodeScanner => {
  const [id, status, resourceType, patient] = [createSpan(), createSpan(), createSpan(), createSpan()];
  const period = createPeriodReader();
  const episode = Object.assign(createIntervals(), { id, patient });
  const readHistory = createHistoryReader(episode);
  let hasHistory = false;
  let hasPatient = false;
  const readReference: ReadMember = (text, key, length, value) =>
    length === 9 && isName(text, key, names.reference) ? readString(text, value, patient) : skipValue(text, value);
  const readOnlyPatient = (text: ByteText, value: number): number => {
    if (hasPatient) return unusual;
    hasPatient = true;
    return readObject(text, value, readReference);
  };
  const readOnlyHistory = (text: ByteText, value: number): number => {
    if (hasHistory) return unusual;
    hasHistory = true;
    return readHistory(text, value);
  };
  const readMember: ReadMember = (text, key, length, value) => {
    switch (length) {
      case 2:
        if (isName(text, key, names.id)) return readString(text, value, id);
        break;
      case 6:
        if (isName(text, key, names.status)) return readString(text, value, status);
        if (isName(text, key, names.period)) return period.read(text, value);
        break;
      case 7:
        if (isName(text, key, names.patient)) return readOnlyPatient(text, value);
        break;
      case 12:
        if (isName(text, key, names.resourceType)) return readString(text, value, resourceType);
        break;
      case 13:
        if (isName(text, key, names.statusHistory)) return readOnlyHistory(text, value);
    }
    return skipValue(text, value);
  };
  const clear = (): void => {
    clearSpan(id);
    clearSpan(status);
    clearSpan(resourceType);
    clearSpan(patient);
    period.clear();
    episode.intervals = 0;
    hasHistory = false;
    hasPatient = false;
  };
  /** Rules 1 and 2, and what every line has to have. */
  const isUsual = (text: ByteText): boolean => {
    if (resourceType.to - resourceType.from !== episodeOfCare.length) return false;
    if (!isName(text, resourceType.from, episodeOfCare)) return false;
    if (!readPatient(text, patient)) return false;
    const read = readStatus(text, status);
    if (read === 'unknown') return false;
    if (read === 'entered-in-error') episode.intervals = 0;
    else if (read === 'active' && episode.intervals === 0) return episode.add(period);
    return true;
  };
  return {
    episode,
    scan(text, from) {
      clear();
      text.isAscii = true;
      const brace = readObject(text, skipBlank(text, from), readMember);
      if (brace === unusual) return unusual;
      const after = skipBlank(text, brace);
      if (text.bytes[after] !== lineFeed) return unusual;
      if (!text.isAscii && !isUtf8(text.bytes.subarray(from, after))) return unusual;
      return isUsual(text) ? after : unusual;
    },
  };
};
