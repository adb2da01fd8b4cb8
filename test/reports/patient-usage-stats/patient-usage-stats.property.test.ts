import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patientUsageStats } from '../../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { episodesSomewhere, places } from '../../support/arbitrary-episodes.ts';
import { dataSetInMemory, fileInMemory } from '../../support/in-memory-data-set.ts';
import { reportRun } from '../../support/report-run.ts';
import { consultOracle } from '../../support/usage-oracle.ts';

const baseline = 500;

const generate = (lines: readonly string[], cutOff: string, timeZone: string) =>
  patientUsageStats.generate(
    reportRun(dataSetInMemory(cutOff, [fileInMemory('a.ndjson', lines.map((line) => `${line}\n`).join(''))]), {
      timeZone,
      baseline,
      toleratedLines: lines.length,
    }),
  );

test('the statistic and its rejections are those of the brute-force oracle, in every zone and precision', async () => {
  const seen = { rejected: 0, active: 0, zones: new Set<string>() };
  await fc.assert(
    fc.asyncProperty(episodesSomewhere, async ({ timeZone, cutOff, lines }) => {
      const report = await generate(lines, cutOff, timeZone);
      const oracle = consultOracle(lines, { timeZone, cutOff, baseline });
      const { lines: rejected } = report.provenance['rejectedLines'] as { lines: { line: number }[] };
      expect(rejected.map(({ line }) => line)).toEqual(oracle.rejected);
      expect(report.entries[0]?.content).toEqual(oracle.content);
      seen.rejected += rejected.length;
      seen.active += JSON.stringify(oracle.content).includes('"monthData":[]') ? 0 : 1;
      seen.zones.add(timeZone);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300), seed: Number(process.env['PROPERTY_SEED'] ?? 20_260_416) },
  );
  // The property says something only if what it drew was worth drawing.
  expect(seen.zones.size).toBe(new Set(places.map(({ timeZone }) => timeZone)).size);
  expect(seen.rejected).toBeGreaterThan(20);
  expect(seen.active).toBeGreaterThan(150);
});
