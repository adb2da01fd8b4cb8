import { styleText } from 'node:util';

interface Entry {
  readonly name: string;
}

interface MonthEntry extends Entry {
  readonly count: number;
  readonly percentChangeFromLastMonth: number;
}

interface YearEntry extends Entry {
  readonly monthlyAverage: number;
  readonly averageBeyondBaseline: number;
  readonly averageRounded: number;
}

/** The summary of a finished report, as its archive holds it. */
export interface UsageSummary {
  readonly PatientsUsageSummary: {
    readonly monthData: readonly {
      readonly month: string;
      readonly year: string;
      readonly entries: readonly MonthEntry[];
    }[];
    readonly yearData: readonly { readonly year: string; readonly entries: readonly YearEntry[] }[];
  };
}

const allPatients = 'uniquePatientsWithEpisodeOfCare';
const activePatients = 'uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays';
const barWidth = 38;

const find = <Kind extends Entry>(entries: readonly Kind[], name: string): Kind => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`the report has no ${name}`);
  return entry;
};

const number = (value: number, width: number, digits = 0): string =>
  value
    .toFixed(digits)
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ')
    .padStart(width);

const change = (percent: number): string => `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`.padStart(9);

/** Full blocks for those active on seven days or more, light ones for the rest. */
const bar = (active: number, all: number, most: number): string => {
  const full = Math.round((active / Math.max(most, 1)) * barWidth);
  const whole = Math.round((all / Math.max(most, 1)) * barWidth);
  return styleText('cyan', '█'.repeat(full)) + styleText('dim', '░'.repeat(Math.max(whole - full, 0)));
};

/**
 * The months as a table with bars, at most 80 columns wide, the newest last.
 *
 * @param newest how many months are shown
 */
export const renderMonths = ({ PatientsUsageSummary: { monthData } }: UsageSummary, newest: number): string[] => {
  const shown = monthData.slice(-newest);
  const most = Math.max(...shown.map(({ entries }) => find(entries, allPatients).count));
  const head = 'month     patients  7+ days    change   █ 7 days or more  ░ fewer';
  const rows = shown.map(({ month, year, entries }) => {
    const all = find(entries, allPatients);
    const active = find(entries, activePatients).count;
    const numbers = `${number(all.count, 10)}${number(active, 9)}${change(all.percentChangeFromLastMonth)}`;
    return `${year}-${month.padStart(2, '0')} ${numbers}   ${bar(active, all.count, most)}`;
  });
  return [styleText('bold', head), ...rows];
};

/** The years as a table: both counts of patients, each with its monthly average, the average rounded up, and what of it is beyond the baseline. */
export const renderYears = ({ PatientsUsageSummary: { yearData } }: UsageSummary): string[] => {
  const head = 'year   counted            monthly average   rounded up   beyond baseline';
  const rows = yearData.flatMap(({ year, entries }) =>
    [
      { label: 'patients', entry: find(entries, allPatients) },
      { label: '7 days or more', entry: find(entries, activePatients) },
    ].map(({ label, entry }) => {
      const numbers = `${number(entry.monthlyAverage, 15, 1)}${number(entry.averageRounded, 13)}`;
      return `${year}   ${label.padEnd(19)}${numbers}${number(entry.averageBeyondBaseline, 18)}`;
    }),
  );
  return [styleText('bold', head), ...rows];
};
