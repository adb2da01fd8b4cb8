import { expect, test } from 'vitest';
import { readEpisode } from '../../functions/episodes/episode-of-care.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { reportRun } from '../support/report-run.ts';
import { consultOracle } from '../support/usage-oracle.ts';

const cutOff = '2026-04-16T09:00:00Z';
const lines = [...generateEpisodes({ count: 2000, seed: 1, cutOff })];

test('equal seeds give equal episodes, others others', () => {
  expect([...generateEpisodes({ count: 2000, seed: 1, cutOff })]).toEqual(lines);
  expect([...generateEpisodes({ count: 2000, seed: 2, cutOff })]).not.toEqual(lines);
});

test('every episode is one that the statistic accepts, with an id of its own and nothing after the cut-off', () => {
  const ids = new Set<string>();
  for (const line of lines) {
    expect(readEpisode(Buffer.from(line))).toMatchObject({ patient: expect.stringContaining('/Patient/') });
    expect(line).not.toContain('\n');
    ids.add(JSON.parse(line).id);
    for (const [instant] of line.matchAll(/\d{4}-\d\d-\d\dT[^"]*/g)) {
      expect(Date.parse(instant)).toBeLessThan(Date.parse(cutOff) + 1000);
    }
  }
  expect(ids.size).toBe(2000);
});

test('patients have several episodes, in every status, and grow in number over the years', async () => {
  const resources = lines.map((line) => JSON.parse(line));
  expect(new Set(resources.map(({ status }) => status))).toEqual(
    new Set(['planned', 'active', 'onhold', 'finished', 'cancelled', 'entered-in-error']),
  );
  expect(new Set(resources.map(({ patient }) => patient.reference)).size).toBeLessThan(1400);
  const run = reportRun(dataSetInMemory(cutOff, [fileInMemory('a', `${lines.join('\n')}\n`)]));
  const { entries } = await patientUsageStats.generate(run);
  const { content } = consultOracle(lines, { timeZone: 'Europe/Copenhagen', cutOff, baseline: 10_000 });
  expect(entries[0]?.content).toEqual(content);
  const averages = (
    content as { PatientsUsageSummary: { yearData: { entries: { monthlyAverage: number }[] }[] } }
  ).PatientsUsageSummary.yearData.map(({ entries: [seven] }) => seven?.monthlyAverage ?? 0);
  expect(averages).toHaveLength(5);
  expect(averages.toSorted((a, b) => a - b)).toEqual(averages);
});
