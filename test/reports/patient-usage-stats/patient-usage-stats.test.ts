import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import type { PinnedFile } from '../../../functions/episodes/data-set.ts';
import { defaultLimits } from '../../../functions/episodes/data-set-limits.ts';
import { parseManifest } from '../../../functions/episodes/manifest.ts';
import { product } from '../../../functions/platform/product.ts';
import {
  createPatientUsageStats,
  patientUsageStats,
} from '../../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { dataSetInMemory, fileInMemory } from '../../support/in-memory-data-set.ts';
import { reportRun } from '../../support/report-run.ts';
import { serviceError } from '../../support/service-error.ts';

const cutOff = '2026-04-16T09:00:00+02:00';
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/guide-numbers/${name}`, import.meta.url));
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const episode = (patient: string, start: string, end?: string): string =>
  JSON.stringify({
    resourceType: 'EpisodeOfCare',
    status: 'finished',
    statusHistory: [{ status: 'active', period: { start, ...(end !== undefined && { end }) } }],
    patient: { reference: patient },
  });

type Tenant = Parameters<typeof reportRun>[1];

const generate = (files: readonly PinnedFile[], tenant: Tenant = {}, limits = defaultLimits) =>
  createPatientUsageStats(limits).generate(reportRun(dataSetInMemory(cutOff, files), tenant));

const guideSummary = {
  monthData: [
    ['4', 1, 0],
    ['5', 2, 100],
  ].map(([month, count, percentChangeFromLastMonth]) => ({
    month,
    year: '2023',
    entries: [
      {
        name: 'uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays',
        count,
        percentChangeFromLastMonth,
      },
      { name: 'uniquePatientsWithEpisodeOfCare', count, percentChangeFromLastMonth },
    ],
  })),
  yearData: [
    {
      year: '2023',
      entries: ['uniquePatientsWithEpisodeOfCareBeingActiveSevenOrMoreDays', 'uniquePatientsWithEpisodeOfCare'].map(
        (name) => ({ name, monthlyAverage: 1.5, averageBeyondBaseline: 0, averageRounded: 1000 }),
      ),
    },
  ],
};

describe('the numbers that the guide shows', () => {
  const { transactionTime, files: named } = parseManifest(fixture('manifest.json'), defaultLimits);
  const files = named.map(({ name, count }) => fileInMemory(name, fixture(name), count === undefined ? {} : { count }));
  const run = () => reportRun(dataSetInMemory(transactionTime, files));

  test('come out of a data set that has them, member for member', async () => {
    const { entries, episodes } = await patientUsageStats.generate(run());
    expect(entries.map(({ path }) => path)).toEqual(['PatientsUsageSummary/PatientsUsageSummary']);
    expect(JSON.stringify(entries[0]?.content)).toBe(JSON.stringify({ PatientsUsageSummary: guideSummary }));
    expect(episodes).toBe(6);
  });

  test('rule 7: are the same bytes on every run', async () => {
    const [first, second] = [await patientUsageStats.generate(run()), await patientUsageStats.generate(run())];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  test('A40: come with the data they were made from', async () => {
    const bytes = fixture('EpisodeOfCare.ndjson');
    expect((await patientUsageStats.generate(run())).provenance).toEqual({
      dataCutOff: '2023-05-31T12:00:00.000+02:00',
      files: [{ name: 'EpisodeOfCare.ndjson', bytes: bytes.length, episodes: 6, sha256: sha256Of(bytes) }],
      episodes: 6,
      patients: 5,
      rejectedLines: { count: 0, reasons: {}, lines: [] },
      timeZone: 'Europe/Copenhagen',
      baseline: 10_000,
      rulesVersion: '1',
      productVersion: product.version,
    });
  });
});

describe('a data set', () => {
  test('of several files, plain and packed, is counted as one', async () => {
    const files = [
      fileInMemory('a', `${episode('Patient/1', '2023-04-01', '2023-04-04')}\n`),
      fileInMemory('b', gzipSync(`${episode('Patient/1/_history/2', '2023-04-05', '2023-04-07')}\n`)),
      fileInMemory('c', ''),
    ];
    const { entries, provenance } = await generate(files);
    expect(JSON.stringify(entries[0]?.content)).toContain('SevenOrMoreDays","count":1');
    expect(provenance).toMatchObject({
      episodes: 2,
      patients: 1,
      files: [{ episodes: 1 }, { episodes: 1 }, { episodes: 0, bytes: 0 }],
    });
  });

  test('without anyone active gives two empty lists', async () => {
    const summary = { PatientsUsageSummary: { monthData: [], yearData: [] } };
    for (const files of [[], [fileInMemory('a', '\n')], [fileInMemory('a', episode('p', '2027'))]]) {
      expect((await generate(files)).entries[0]?.content).toEqual(summary);
    }
  });

  test('is counted in the tenant’s time zone and against the tenant’s baseline', async () => {
    const files = [fileInMemory('a', episode('p', '2023-04-30T22:30:00Z', '2023-04-30T22:31:00Z'))];
    const monthOf = async (timeZone: string) =>
      JSON.stringify((await generate(files, { timeZone })).entries[0]?.content).slice(0, 60);
    expect(await monthOf('Europe/Copenhagen')).toContain('"month":"5"');
    expect(await monthOf('UTC')).toContain('"month":"4"');
    const { entries } = await generate(files, { baseline: 400 });
    expect(JSON.stringify(entries[0]?.content)).toContain('"averageBeyondBaseline":600');
  });

  test('rule 6: has no month after that of its cut-off', async () => {
    const { entries } = await generate([fileInMemory('a', episode('p', '2026-03-30', '2027'))]);
    expect(entries[0]?.content).toMatchObject({
      PatientsUsageSummary: { monthData: [{ month: '3' }, { month: '4' }], yearData: [{ year: '2026' }] },
    });
  });
});

describe('rule 8: no silent undercount', () => {
  const good = episode('https://patient.example.test/Patient/secret', '2023-04-01');

  test('A44: a rejected line fails the report and is named, but nothing of it', async () => {
    const bad = episode('https://patient.example.test/Patient/secret', 'yesterday');
    const failed = await generate([fileInMemory('a', `${good}\n`), fileInMemory('b', `\n${bad}\n`)]).catch(
      (error: unknown) => error,
    );
    expect(failed).toEqual(
      serviceError('DATA_SET_MALFORMED', 'b line 2: unreadable date; lines rejected: 1, tolerated: 0'),
    );
    expect(JSON.stringify(failed) + String(failed)).not.toMatch(/secret|yesterday/);
  });

  test('A44: of two lines with one id, also in different files, the later one is rejected; lines without id never are', async () => {
    const withId = (start: string) => `{"id":"e1",${episode('p', start).slice(1)}`;
    const files = [
      fileInMemory('a', `${withId('2023-04-01')}\n${good}\n${good}\n`),
      fileInMemory('b', `${withId('2023-01-01')}\n`),
    ];
    await expect(generate(files)).rejects.toEqual(
      serviceError('DATA_SET_MALFORMED', 'b line 1: id of an earlier line; lines rejected: 1, tolerated: 0'),
    );
  });

  test('A44: of two lines with one id, within the tolerance, the first one alone is counted, whichever way they are read', async () => {
    const first = `{"id":"e1",${episode('p', '2023-04-01', '2023-04-02').slice(1)}`;
    const scanned = `{"id":"e1",${episode('other', '2020').slice(1)}`;
    const parsed = scanned.replace('"other"', String.raw`"oth\u0065r"`);
    for (const second of [scanned, parsed]) {
      const { entries, provenance } = await generate([fileInMemory('a', `${first}\n${second}\n`)], {
        toleratedLines: 1,
      });
      expect(JSON.stringify(entries)).not.toContain('2020');
      expect(provenance).toMatchObject({ episodes: 1, patients: 1, rejectedLines: { count: 1 } });
    }
  });

  test('an interval that ends before it starts is rejected like any other line', async () => {
    const bad = episode('p', '2023-04-02', '2023-04-01');
    await expect(generate([fileInMemory('a', bad)])).rejects.toEqual(
      serviceError('DATA_SET_MALFORMED', /^a line 1: interval ends before it starts/),
    );
  });

  test('a tolerated line leaves nothing of itself in the numbers, and is told of', async () => {
    const halfBad = JSON.stringify({
      ...JSON.parse(episode('other', '2020')),
      statusHistory: [
        { status: 'active', period: { start: '2020' } },
        { status: 'active', period: { start: '2021', end: '2020' } },
      ],
    });
    const { entries, provenance, episodes } = await generate([fileInMemory('a', `${good}\n${halfBad}\n{\n`)], {
      toleratedLines: 2,
    });
    expect(JSON.stringify(entries)).not.toContain('2020');
    expect(episodes).toBe(1);
    expect(provenance).toMatchObject({
      episodes: 1,
      patients: 1,
      rejectedLines: {
        count: 2,
        lines: [
          { file: 'a', line: 2, reason: 'interval ends before it starts' },
          { file: 'a', line: 3, reason: 'not JSON' },
        ],
      },
    });
  });

  test('the tolerance is for the whole data set', async () => {
    const files = ['a', 'b', 'c'].map((name) => fileInMemory(name, '{}\n'));
    await expect(generate(files, { toleratedLines: 3 })).resolves.toMatchObject({ episodes: 0 });
    await expect(generate(files, { toleratedLines: 2 })).rejects.toEqual(
      serviceError('DATA_SET_MALFORMED', /^a line 1: .*; b line 1: .*; c line 1: not an EpisodeOfCare; lines/),
    );
  });

  test('A41: a file that was cut off is never tolerated, wherever it was cut', async () => {
    const whole = Buffer.from(`${good}\n${episode('æ', '2023-04-01')}`);
    const beforeLast = whole.lastIndexOf('\n') + 1;
    for (let length = beforeLast + 1; length < whole.length; length++) {
      const cut = fileInMemory('a', whole.subarray(0, length));
      await expect(generate([cut], { toleratedLines: 9 }), String(length)).rejects.toEqual(
        serviceError('DATA_SET_INCOMPLETE', /^a line 2: not (JSON|UTF-8) and without line break/),
      );
    }
    await expect(generate([fileInMemory('a', whole)])).resolves.toMatchObject({ episodes: 2 });
  });

  test('a file that is not what the manifest says is never tolerated', async () => {
    for (const facts of [{ count: 2 }, { bytes: 1 }, { sha256: '0'.repeat(64) }]) {
      const file = fileInMemory('a', `${good}\n`, facts);
      await expect(generate([file], { toleratedLines: 9 })).rejects.toEqual(
        serviceError('DATA_SET_INCOMPLETE', /^a: /),
      );
    }
  });

  test('rejected lines count towards the number of lines', async () => {
    const file = fileInMemory('a', `${good}\n{}\n`, { count: 2 });
    await expect(generate([file], { toleratedLines: 1 })).resolves.toMatchObject({ episodes: 1 });
  });

  test('a cut-off that is no instant is malformed', async () => {
    const run = reportRun(dataSetInMemory('2026-04-16', []));
    await expect(patientUsageStats.generate(run)).rejects.toEqual(
      serviceError('DATA_SET_MALFORMED', /transactionTime .* not a FHIR instant/),
    );
  });
});

describe('I8: a data set that is too large ends with that reason', () => {
  const lines = `${episode('a', '2023-04-01')}\n${episode('b', '2023-04-01')}\n`;

  test.each([{ lineBytes: 100 }, { plainBytes: lines.length - 1 }, { patients: 1 }, { runs: 1 }])(
    '%j, whatever the tenant tolerates',
    async (limit) => {
      const files = [fileInMemory('a', lines)];
      await expect(generate(files)).resolves.toMatchObject({ episodes: 2 });
      for (const tenant of [{}, { toleratedLines: 5 }]) {
        await expect(generate(files, tenant, { ...defaultLimits, ...limit })).rejects.toEqual(
          serviceError('DATA_SET_TOO_LARGE'),
        );
      }
    },
  );

  test('the limit of bytes is for all files together', async () => {
    const files = [fileInMemory('a', lines), fileInMemory('b', lines)];
    const limits = { ...defaultLimits, plainBytes: lines.length * 2 };
    await expect(generate(files, {}, limits)).resolves.toMatchObject({ episodes: 4 });
    await expect(generate(files, {}, { ...limits, plainBytes: lines.length * 2 - 1 })).rejects.toEqual(
      serviceError('DATA_SET_TOO_LARGE', /^b: /),
    );
  });
});

test('an aborted run reads nothing, and stops amid a file', async () => {
  const reason = new Error('lease lost');
  const read = vi.fn<PinnedFile['read']>();
  const unread = dataSetInMemory(cutOff, [{ ...fileInMemory('a', '\n'), read }]);
  await expect(patientUsageStats.generate({ ...reportRun(unread), signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  expect(read).not.toHaveBeenCalled();

  const abort = new AbortController();
  const file: PinnedFile = {
    name: 'a',
    version: '1',
    bytes: 1_000_000,
    async *read() {
      for (let chunk = 0; ; chunk++) {
        if (chunk === 3) abort.abort(reason);
        yield Buffer.from('\n');
      }
    },
  };
  const amid = { ...reportRun(dataSetInMemory(cutOff, [file])), signal: abort.signal };
  await expect(patientUsageStats.generate(amid)).rejects.toBe(reason);
});

describe('who may order it, and how', () => {
  test('its names are those that clients know', () => {
    expect(patientUsageStats).toMatchObject({
      name: 'PatientsUsageReport',
      operation: 'patient-usage-stats',
      reportClass: 'com.systematic.ehealth.reporting.reports.PatientsUsageReport',
      role: '$fetch-patient-usage-stats',
      parameters: [{ name: 'anonymization', required: true, values: ['NONE', 'ANONYMIZED'] }],
    });
  });

  test('a kept report is shared by both ways of anonymization, and not by other limits', () => {
    expect(createPatientUsageStats({ ...defaultLimits, patients: 7 })).toMatchObject({
      limits: { ...defaultLimits, patients: 7 },
      parameters: [{ decidesContent: false }],
    });
  });

  test.each([
    ['None', ['report-non-anonymized']],
    ['NONE', ['report-non-anonymized']],
    ['none', ['report-non-anonymized']],
    ['ANONYMIZED', []],
    ['Anonymized', []],
  ])('anonymization %s needs the further roles %j', (valueString, roles) => {
    expect(patientUsageStats.additionalRoles([{ name: 'anonymization', valueString }])).toEqual(roles);
  });
});
