import { Temporal } from 'temporal-polyfill';

// The statistic once more, written for plainness and from the rules alone: sets of calendar days, walked one by one, with
// Temporal for calendar and zones. Shares no code with functions/, so that a mistake has to be made twice to go unseen.

/** How the oracle counts. */
export interface OracleSettings {
  readonly timeZone: string;
  /** The data cut-off, an ISO 8601 instant of at most nine decimals. */
  readonly cutOff: string;
  readonly baseline: number;
}

/** What the oracle says of a data set. */
export interface OracleAnswer {
  /** The content of the file `PatientsUsageSummary`. */
  readonly content: unknown;
  /** Numbers of the lines to be rejected, from 1 on. */
  readonly rejected: readonly number[];
}

type Bound = { instant: bigint } | { first: Temporal.PlainDate; last: Temporal.PlainDate };
type Interval = { start: Bound; end: Bound | undefined };

class Unreadable extends Error {}

const readBound = (text: unknown): Bound => {
  if (typeof text !== 'string') throw new Unreadable();
  try {
    if (/^\d{4}$/.test(text)) {
      return { first: Temporal.PlainDate.from(`${text}-01-01`), last: Temporal.PlainDate.from(`${text}-12-31`) };
    }
    if (/^\d{4}-\d\d$/.test(text)) {
      const month = Temporal.PlainYearMonth.from(text);
      return { first: month.toPlainDate({ day: 1 }), last: month.toPlainDate({ day: month.daysInMonth }) };
    }
    if (/^\d{4}-\d\d-\d\d$/.test(text)) {
      const date = Temporal.PlainDate.from(text, { overflow: 'reject' });
      return { first: date, last: date };
    }
    return { instant: Temporal.Instant.from(text).epochNanoseconds };
  } catch {
    throw new Unreadable();
  }
};

const dayNanos = 86_400_000_000_000n;

interface Day {
  readonly key: string;
  readonly stretches: readonly { readonly from: bigint; readonly to: bigint }[];
  next(): Day;
}

/** The stretches of time that carry one calendar date in a zone: usually one, none for a skipped day, two where a clock went back past midnight. */
const createCalendar = (timeZone: string) => {
  const known = new Map<string, Day>();
  const walk = (date: Temporal.PlainDate) => {
    const midnight = date.toZonedDateTime('UTC').epochNanoseconds;
    const horizon = midnight + 3n * dayNanos;
    const stretches: { from: bigint; to: bigint }[] = [];
    let at: Temporal.ZonedDateTime | null = new Temporal.ZonedDateTime(midnight - 2n * dayNanos, timeZone);
    while (at !== null && at.epochNanoseconds < horizon) {
      const next: Temporal.ZonedDateTime | null = at.getTimeZoneTransition('next');
      const until = next === null || next.epochNanoseconds > horizon ? horizon : next.epochNanoseconds;
      const begin = midnight - BigInt(at.offsetNanoseconds);
      const from = begin > at.epochNanoseconds ? begin : at.epochNanoseconds;
      const to = begin + dayNanos < until ? begin + dayNanos : until;
      if (from < to) stretches.push({ from, to });
      at = next;
    }
    return stretches;
  };
  /** Days in a chain, so that walking one by one is quick. */
  const day = (date: Temporal.PlainDate): Day => {
    const key = date.toString();
    const found = known.get(key);
    if (found !== undefined) return found;
    let next: Day | undefined;
    const made: Day = {
      key,
      stretches: walk(date),
      next() {
        next ??= day(date.add({ days: 1 }));
        return next;
      },
    };
    known.set(key, made);
    return made;
  };
  return { day, dateOf: (instant: bigint) => new Temporal.ZonedDateTime(instant, timeZone).toPlainDate() };
};

type Calendar = ReturnType<typeof createCalendar>;

const isBackwards = ({ start, end }: Interval, calendar: Calendar): boolean => {
  if (end === undefined) return false;
  if ('instant' in start && 'instant' in end) return end.instant < start.instant;
  if ('first' in start && 'last' in end) return Temporal.PlainDate.compare(end.last, start.first) < 0;
  if ('first' in start && 'instant' in end) {
    // A skipped day begins where the next one does.
    const days = [0, 1, 2].flatMap((more) => calendar.day(start.first.add({ days: more })).stretches);
    return days.every(({ from }) => end.instant < from);
  }
  if ('instant' in start && 'last' in end) {
    const days = [0, 1, 2].flatMap((fewer) => calendar.day(end.last.subtract({ days: fewer })).stretches);
    return days.every(({ to }) => to <= start.instant);
  }
  throw new TypeError('no such pair of bounds');
};

const readIntervals = (resource: Record<string, unknown>): Interval[] => {
  if (resource['status'] === 'entered-in-error') return [];
  const history = (resource['statusHistory'] ?? []) as { status: string; period?: Record<string, unknown> }[];
  const active = history.filter(({ status }) => status === 'active').map(({ period }) => period);
  if (active.length === 0 && resource['status'] === 'active')
    active.push(resource['period'] as Record<string, unknown>);
  return active.map((period) => {
    const end = period?.['end'] === undefined ? undefined : readBound(period['end']);
    return { start: readBound(period?.['start']), end };
  });
};

const addDays = (days: Set<string>, { start, end }: Interval, cutOff: bigint, calendar: Calendar): void => {
  const first = 'first' in start ? start.first : calendar.dateOf(start.instant).subtract({ days: 1 });
  const startsAt = 'instant' in start ? start.instant : undefined;
  const endsAt = end !== undefined && 'instant' in end && end.instant < cutOff ? end.instant : cutOff;
  const lastKey = end !== undefined && 'last' in end ? end.last.toString() : '9999-12-31';
  for (let day = calendar.day(first); day.key <= lastKey; day = day.next()) {
    // A clock set back can bring a day again, but not after another whole day.
    if (day.stretches.length > 0 && day.stretches.every(({ from }) => from >= endsAt + dayNanos)) return;
    const touched = day.stretches.some(({ from, to }) => {
      const begin = startsAt !== undefined && startsAt > from ? startsAt : from;
      return begin < to && begin < endsAt;
    });
    if (touched) days.add(day.key);
  }
};

const names = ['uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays', 'uniquePatientsWithEpisodeOfCare'] as const;

const summarize = (months: Map<string, [number, number]>, baseline: number): unknown => {
  const present = [...months.keys()].sort();
  const all: string[] = [];
  const [first, last] = [present[0], present.at(-1)];
  if (first !== undefined && last !== undefined) {
    for (let month = Temporal.PlainYearMonth.from(first); month.toString() <= last; month = month.add({ months: 1 })) {
      all.push(month.toString());
    }
  }
  const count = (month: string | undefined, which: 0 | 1) => (month && months.get(month)?.[which]) || 0;
  const monthData = all.map((month, at) => ({
    month: String(Number(month.slice(5))),
    year: String(Number(month.slice(0, 4))),
    entries: ([0, 1] as const).map((which) => {
      const [before, now] = [count(all[at - 1], which), count(month, which)];
      const change = before === 0 ? 0 : ((now - before) / before) * 100;
      return { name: names[which], count: now, percentChangeFromLastMonth: change };
    }),
  }));
  const yearData = [...new Set(all.map((month) => month.slice(0, 4)))].map((year) => ({
    year: String(Number(year)),
    entries: ([0, 1] as const).map((which) => {
      const ofYear = all.filter((month) => month.startsWith(year));
      const monthlyAverage = ofYear.map((month) => count(month, which)).reduce((a, b) => a + b) / ofYear.length;
      let averageRounded = 0;
      while (averageRounded < monthlyAverage) averageRounded += 1000;
      const beyond = averageRounded > baseline ? averageRounded - baseline : 0;
      return { name: names[which], monthlyAverage, averageBeyondBaseline: beyond, averageRounded };
    }),
  }));
  return { PatientsUsageSummary: { monthData, yearData } };
};

/**
 * What the statistic must say of some lines of NDJSON, each of them an EpisodeOfCare with a patient and known statuses. Slow:
 * it looks at every day of every episode. Instants must not have more than nine decimals, nor a second 60.
 */
export const consultOracle = (
  lines: Iterable<string>,
  { timeZone, cutOff, baseline }: OracleSettings,
): OracleAnswer => {
  const calendar = createCalendar(timeZone);
  const end = Temporal.Instant.from(cutOff).epochNanoseconds;
  const patients = new Map<string, Interval[]>();
  const rejected: number[] = [];
  let number = 0;
  for (const line of lines) {
    number += 1;
    try {
      const resource = JSON.parse(line);
      const intervals = readIntervals(resource);
      if (intervals.some((interval) => isBackwards(interval, calendar))) throw new Unreadable();
      const patient = String(resource.patient.reference).split('/_history/')[0] ?? '';
      patients.set(patient, [...(patients.get(patient) ?? []), ...intervals]);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      rejected.push(number);
    }
  }
  const months = new Map<string, [number, number]>();
  for (const intervals of patients.values()) {
    const days = new Set<string>();
    for (const interval of intervals) addDays(days, interval, end, calendar);
    for (const [month, ofMonth] of Map.groupBy(days, (day) => day.slice(0, 7))) {
      const [seven, any] = months.get(month) ?? [0, 0];
      months.set(month, [seven + (ofMonth.length >= 7 ? 1 : 0), any + 1]);
    }
  }
  return { content: summarize(months, baseline), rejected };
};
