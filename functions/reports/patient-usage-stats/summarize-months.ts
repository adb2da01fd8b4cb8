import type { MonthCount } from './month-tally.ts';

const measures = [
  { name: 'uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays', count: (of: MonthCount) => of.activeSevenDays },
  { name: 'uniquePatientsWithEpisodeOfCare', count: (of: MonthCount) => of.active },
] as const;

type Measure = (typeof measures)[number];

/** One number of a month. */
export interface MonthEntry {
  readonly name: string;
  readonly count: number;
  /** In percent, not rounded; 0 for the first month and where the month before has 0. */
  readonly percentChangeFromLastMonth: number;
}

/** One number of a year. */
export interface YearEntry {
  readonly name: string;
  /** Mean of the year's months that stand in the report, not of twelve; not rounded. */
  readonly monthlyAverage: number;
  /** What `averageRounded` has above the baseline, at least 0. */
  readonly averageBeyondBaseline: number;
  /** The average rounded up to a full 1000; 0 stays 0. */
  readonly averageRounded: number;
}

/** The report's summary. Months and years are texts without padding, ascending. */
export interface PatientsUsageSummary {
  readonly monthData: readonly {
    readonly month: string;
    readonly year: string;
    readonly entries: readonly MonthEntry[];
  }[];
  readonly yearData: readonly { readonly year: string; readonly entries: readonly YearEntry[] }[];
}

const yearOf = ({ month }: MonthCount): number => Math.floor(month / 12);

const percentChange = (previous: number | undefined, current: number): number =>
  previous === undefined || previous === 0 ? 0 : ((current - previous) / previous) * 100;

const summarizeYear = (months: readonly MonthCount[], { name, count }: Measure, baseline: number): YearEntry => {
  const sum = months.reduce((total, month) => total + count(month), 0);
  const averageRounded = Math.ceil(sum / (months.length * 1000)) * 1000;
  return {
    name,
    monthlyAverage: sum / months.length,
    averageBeyondBaseline: Math.max(0, averageRounded - baseline),
    averageRounded,
  };
};

/**
 * The months and years of the report from its counted months, which are ascending and without a gap.
 *
 * @param baseline patients a month that the basic fee covers.
 */
export const summarizeMonths = (months: readonly MonthCount[], baseline: number): PatientsUsageSummary => ({
  monthData: months.map((month, at) => {
    const previous = months[at - 1];
    return {
      month: String((month.month % 12) + 1),
      year: String(yearOf(month)),
      entries: measures.map(({ name, count }) => ({
        name,
        count: count(month),
        percentChangeFromLastMonth: percentChange(previous && count(previous), count(month)),
      })),
    };
  }),
  yearData: [...Map.groupBy(months, yearOf)].map(([year, ofYear]) => ({
    year: String(year),
    entries: measures.map((measure) => summarizeYear(ofYear, measure, baseline)),
  })),
});
