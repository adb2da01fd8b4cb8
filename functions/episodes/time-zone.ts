import { dayMillis } from './calendar.ts';

/** Takes one run of local days without a gap, first and last included, in ascending order. */
export type VisitDays = (firstDay: number, lastDay: number) => void;

/** From `start` to before `end`, local time is UTC plus `offset`, all in milliseconds. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** When the local days of one time zone are, and the times of their clocks. Instants are milliseconds since the epoch; days are numbered as `calendar.ts` does. */
export interface TimeZone {
  /** The first instant of a local day; of the next one that exists, where the zone skipped it. */
  startOfDay(day: number): number;
  /**
   * The first instant of a local day at which its clock shows a time, or has gone past it where it skipped that time. Of a time that
   * is shown twice it is the first.
   *
   * @param sinceMidnight the time as the clock shows it, in milliseconds, 0 to 24 h
   */
  instantOf(day: number, sinceMidnight: number): number;
  /** The local day of an instant. */
  dayOf(instant: number): number;
  /** The instant after the last one of a local day, later than the next day's start where a clock was set back past midnight. */
  endOfDay(day: number): number;
  /**
   * Every local day with an instant in the half-open interval `[from, to)`. A day that the zone skipped is in none; the
   * runs may overlap where a clock was set back past midnight.
   */
  visitLocalDays(from: number, to: number, visit: VisitDays): void;
  /** The segments that touch `[from, to)`, in order. Neighbours may have the same offset. */
  segmentsBetween(from: number, to: number): readonly Segment[];
}

/** No zone of the IANA data base changed its offset before; local mean time held. */
const beforeTransitions = Date.UTC(1800);
/** Segments are found block by block, as the data needs them: 400 days a block. */
const blockMillis = 400 * dayMillis;

/** The offset as `Intl` knows it: `GMT`, `GMT+01:00`, and to the second for local mean time. */
const createOffsetReader = (name: string): ((millis: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  return (millis) => {
    const parts = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(millis));
    if (parts === null) throw new TypeError('the runtime writes time zone offsets in an unknown form');
    const seconds = Number(parts[2] ?? 0) * 3600 + Number(parts[3] ?? 0) * 60 + Number(parts[4] ?? 0);
    return (parts[1] === '-' ? -seconds : seconds) * 1000;
  };
};

/** The segments between two instants. Looks once a day: no zone ever changed its offset twice within one. */
const findSegments = (from: number, to: number, offsetAt: (millis: number) => number): Segment[] => {
  const segments: Segment[] = [];
  let start = from;
  let offset = offsetAt(from);
  for (let day = from; day < to; day += dayMillis) {
    const next = offsetAt(day + dayMillis);
    if (next === offset) continue;
    let before = day;
    let after = day + dayMillis;
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    segments.push({ start, end: after, offset });
    start = after;
    offset = next;
  }
  if (start < to) segments.push({ start, end: to, offset });
  return segments;
};

/** The segments that touch `[from, to)`, in order. */
const createSegmentTable = (name: string): ((from: number, to: number) => readonly Segment[]) => {
  const offsetAt = createOffsetReader(name);
  const oldest = {
    start: Number.NEGATIVE_INFINITY,
    end: beforeTransitions,
    offset: offsetAt(beforeTransitions - 1000),
  };
  const blocks = new Map<number, readonly Segment[]>([[-1, [oldest]]]);
  const blockOf = (millis: number): number => Math.max(-1, Math.floor((millis - beforeTransitions) / blockMillis));
  const readBlock = (index: number): readonly Segment[] => {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const start = beforeTransitions + index * blockMillis;
    const found = findSegments(start, start + blockMillis, offsetAt);
    blocks.set(index, found);
    return found;
  };
  return (from, to) => {
    const [first, last] = [blockOf(from), blockOf(to - 1)];
    const segments: Segment[] = [];
    for (let index = first; index <= last; index++) {
      for (const segment of readBlock(index)) if (segment.end > from && segment.start < to) segments.push(segment);
    }
    return segments;
  };
};

/**
 * A time zone by its IANA name, from the runtime's own time zone data. Remembers what it looked up; keep one per zone.
 *
 * @throws RangeError for a name that the runtime does not know.
 */
export const createTimeZone = (name: string): TimeZone => {
  const segmentsBetween = createSegmentTable(name);
  /** Around a time of a local clock: no offset is a day or more. */
  const segmentsAround = (shown: number) => segmentsBetween(shown - dayMillis, shown + dayMillis);
  const instantOf = (day: number, sinceMidnight: number): number => {
    const shown = day * dayMillis + sinceMidnight;
    for (const { start, end, offset } of segmentsAround(shown)) {
      const instant = Math.max(start, shown - offset);
      if (instant < end) return instant;
    }
    return shown;
  };
  return {
    startOfDay: (day) => instantOf(day, 0),
    instantOf,
    dayOf(instant) {
      const offset = segmentsBetween(instant, instant + 1)[0]?.offset ?? 0;
      return Math.floor((instant + offset) / dayMillis);
    },
    endOfDay(day) {
      const midnight = (day + 1) * dayMillis;
      for (const { start, end, offset } of segmentsAround(midnight).toReversed()) {
        const instant = Math.min(end, midnight - offset);
        if (instant > start) return instant;
      }
      return midnight;
    },
    visitLocalDays(from, to, visit) {
      for (const { start, end, offset } of segmentsBetween(from, to)) {
        const firstDay = Math.floor((Math.max(start, from) + offset) / dayMillis);
        visit(firstDay, Math.floor((Math.min(end, to) - 1 + offset) / dayMillis));
      }
    },
    segmentsBetween,
  };
};

/** Bounded by the zones that there are: the registry admits no other names. */
const zones = new Map<string, TimeZone>();

/**
 * The one {@link createTimeZone} of a name that this process keeps, with all that it has looked up so far.
 *
 * @throws RangeError for a name that the runtime does not know.
 */
export const findTimeZone = (name: string): TimeZone => {
  const known = zones.get(name) ?? createTimeZone(name);
  zones.set(name, known);
  return known;
};
