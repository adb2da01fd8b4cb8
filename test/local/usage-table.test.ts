import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderMonths, renderYears, type UsageSummary } from '../../local/usage-table.ts';

const active = 'uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays';
const all = 'uniquePatientsWithEpisodeOfCare';

const month = (number: number, counts: readonly [number, number], percent: number) => ({
  month: String(number),
  year: '2023',
  entries: [
    { name: active, count: counts[0], percentChangeFromLastMonth: 0 },
    { name: all, count: counts[1], percentChangeFromLastMonth: percent },
  ],
});

const summary: UsageSummary = {
  PatientsUsageSummary: {
    monthData: [month(4, [1, 1], 0), month(5, [1000, 2000], 199_900), month(6, [0, 0], -100)],
    yearData: [
      {
        year: '2023',
        entries: [
          { name: active, monthlyAverage: 333_333.67, averageRounded: 334_000, averageBeyondBaseline: 324_000 },
          { name: all, monthlyAverage: 1.5, averageRounded: 1000, averageBeyondBaseline: 0 },
        ],
      },
    ],
  },
};

const plain = (lines: readonly string[]): string[] => lines.map(stripVTControlCharacters);

describe('the table of a report', () => {
  it('shows the newest months with both counts, the change and a bar of 38 characters at most', () => {
    const [head, ...rows] = plain(renderMonths(summary, 2));
    expect(head).toContain('7+ days');
    expect(rows.map((row) => row.trimEnd())).toEqual([
      `2023-05      2 000    1 000+199900.0 %   ${'█'.repeat(19)}${'░'.repeat(19)}`,
      '2023-06          0        0 -100.0 %',
    ]);
  });

  it('shows both counts of each year', () => {
    expect(plain(renderYears(summary)).slice(1)).toEqual([
      '2023   patients                       1.5        1 000                 0',
      '2023   7 days or more           333 333.7      334 000           324 000',
    ]);
  });

  it('fits in 80 columns for counts below a million', () => {
    const usual: UsageSummary = {
      PatientsUsageSummary: { ...summary.PatientsUsageSummary, monthData: [month(12, [900_000, 999_999], -99.9)] },
    };
    const widths = plain([...renderMonths(usual, 24), ...renderYears(usual)]).map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});
