import { cutOff } from './write-episodes.ts';

const zone = 'Europe/Copenhagen';
const until = `timestamptz '${cutOff}'`;
const options = `format = 'newline_delimited', maximum_object_size = 16777216`;
const withoutVersion = (reference: string): string => `regexp_replace(${reference}, '/_history/[^/]*$', '')`;
/** A local day; a plain cast to a date would take the day of UTC. */
const localDay = (instant: string): string => `((${instant}) at time zone '${zone}')::date`;
/** Months since January of year 0, as `calendar.ts` numbers them. */
const monthOf = (day: string): string => `(year(${day}) * 12 + month(${day}) - 1)`;

/**
 * The statistic as one would write it down: the columns found out by DuckDB, each day of each interval a row, and each
 * counted once by `distinct`. For files whose dates are all instants.
 */
export const obviousSql = (path: string): string => `
with episodes as (
  select ${withoutVersion('patient.reference')} as who, status, period, list_filter(statusHistory, lambda entry: entry.status = 'active') as active
  from read_json_auto('${path}', ${options}) where status <> 'entered-in-error'),
intervals as (
  select who, unnest(active).period as period from episodes
  union all
  select who, period from episodes where status = 'active' and len(active) = 0),
clipped as (
  select who, period."start"::timestamptz as since, least(coalesce(period."end"::timestamptz, ${until}), ${until}) as til from intervals),
days as (
  select who, unnest(generate_series(${localDay('since')}, ${localDay('til - interval 1 microsecond')}, interval 1 day))::date as day
  from clipped where since < til),
months as (select who, ${monthOf('day')} as month, count(distinct day) as days from days group by all)
select month::int, count(*)::int, count(*) filter (days >= 7)::int from months group by month order by month`;

const columns = `{status: 'VARCHAR', patient: 'STRUCT(reference VARCHAR)', period: 'STRUCT("start" TIMESTAMPTZ, "end" TIMESTAMPTZ)',
  statusHistory: 'STRUCT(status VARCHAR, period STRUCT("start" TIMESTAMPTZ, "end" TIMESTAMPTZ))[]'}`;

/**
 * The same, tuned: only the columns that are needed, typed as they are read; a row for each interval and month, its days as the bits of
 * a number, so that `bit_or` takes days together and `bit_count` counts them.
 */
export const tunedSql = (path: string): string => `
with episodes as (
  select patient.reference as who, status, period,
    list_transform(list_filter(statusHistory, lambda entry: entry.status = 'active'), lambda entry: entry.period) as active
  from read_json('${path}', ${options}, columns = ${columns}) where status <> 'entered-in-error'),
intervals as (select who, unnest(if(len(active) = 0 and status = 'active', [period], active)) as period from episodes),
clipped as (select who, period."start" as since, least(coalesce(period."end", ${until}), ${until}) as til from intervals),
runs as (
  select who, ${localDay('since')} as first, ${localDay('til - interval 1 microsecond')} as last from clipped where since < til),
months as (select who, first, last, unnest(range(${monthOf('first')}, ${monthOf('last')} + 1)) as month from runs),
marked as (
  select month, if(contains(who, '/_history/'), ${withoutVersion('who')}, who) as who,
    (1::bigint << if(month = ${monthOf('last')}, day(last), day(last_day(make_date((month // 12)::int, (month % 12 + 1)::int, 1)))))
      - (1::bigint << if(month = ${monthOf('first')}, day(first) - 1, 0)) as days
  from months),
patients as (select month, who, bit_or(days) as days from marked group by all)
select month::int, count(*)::int, count(*) filter (bit_count(days) >= 7)::int from patients group by month order by month`;
