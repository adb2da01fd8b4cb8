import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeReport } from '../../functions/reports/make-report.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/report.md');
const [header, summary] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));

/** The report of the fixture with a line more that is none, which its tenant tolerates, ordered in a night whose import was late. */
const makeExample = async () => {
  const clock = createManualClock();
  const file = fileInMemory('EpisodeOfCare.ndjson', `${read('test/fixtures/guide-numbers/EpisodeOfCare.ndjson')}{\n`);
  const { bytes } = await makeReport(
    patientUsageStats,
    {
      tenant: sampleTenant({ toleratedLines: 1 }),
      parameters: [{ name: 'anonymization', valueString: 'None' }],
      dataSets: dataSetInMemory('2023-05-31T12:00:00.000+02:00', [file]),
      nightImport: { outcome: 'late', begun: Date.parse('2026-04-15T21:14:05Z') },
      signal: new AbortController().signal,
    },
    { clock, summaries: createInMemorySummaries(), timers: createManualTimers(clock), logger: createRecordedLog() },
  );
  return Object.entries(unzipSync(bytes)).map(([name, content]) => ({
    name,
    content: JSON.parse(Buffer.from(content).toString()),
  }));
};

/** Members with a value of their own, as `provenance.files[].sha256`. Of these two what lies inside is FHIR's, and by reason. */
const membersOf = (value: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => membersOf(item, `${path}[]`));
  const isWhole = path === 'parameters' || path === 'provenance.rejectedLines.reasons';
  if (isWhole || typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => membersOf(member, path === '' ? name : `${path}.${name}`));
};

describe('the page of the report', () => {
  let made: Awaited<ReturnType<typeof makeExample>>;
  beforeAll(async () => {
    made = await makeExample();
  });

  test('shows both files as they are made, under the names that they have', () => {
    const [{ productVersion, ...provenance }, ours] = [header.provenance, made[0]?.content.provenance];
    expect({ ...header, provenance }).toEqual({
      ...made[0]?.content,
      provenance: { ...ours, productVersion: undefined },
    });
    expect(productVersion).toMatch(/^\d+\.\d+\.\d+$/);
    expect(summary).toEqual(made[1]?.content);
    for (const { name } of made) expect(page).toContain(`\n${name}\n`);
  });

  test('describes every member of them, and none that is not there', () => {
    const members = new Set(made.flatMap(({ content }) => membersOf(content)));
    const described = [...page.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, member]) => member),
    );
    expect(described.toSorted()).toEqual([...members, 'provenance.nightImport.expected'].toSorted());
  });

  test('names every reason for which a line is left out', () => {
    const [, reasons = ''] =
      /export type Rejection =([^;]+);/.exec(read('functions/episodes/episode-of-care.ts')) ?? [];
    const texts = [...reasons.matchAll(/'([^']+)'/g)].map(([, text]) => text);
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => !page.includes(`\`${text}\``))).toEqual([]);
  });
});
