import { describe, expect, test, vi } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { generateOnce, type SummaryDependencies } from '../../functions/reports/generate-once.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import type { GeneratedReport, ReportDefinition, ReportRun } from '../../functions/reports/report-definition.ts';
import type { SummaryStore } from '../../functions/reports/summary-store.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { reportRun } from '../support/report-run.ts';

const lineOf = (patient: string) =>
  `${JSON.stringify({
    resourceType: 'EpisodeOfCare',
    status: 'active',
    patient: { reference: `Patient/planted-${patient}` },
    statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
  })}\n`;
const dataSetOf = (...patients: readonly string[]) =>
  dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', patients.map(lineOf).join(''))]);

/** The report, and how often its numbers were computed. */
const countedReport = () => {
  const generate = vi.fn<ReportDefinition['generate']>((run) => patientUsageStats.generate(run));
  return { report: { ...patientUsageStats, generate }, generate };
};

const surroundings = (own: Partial<SummaryStore> = {}) => {
  const summaries = createInMemorySummaries();
  const timers = createManualTimers(createManualClock());
  const logger = createRecordedLog();
  const given: SummaryDependencies = { summaries: { ...summaries, ...own }, timers, logger };
  return { summaries, timers, logger, given };
};

const countsOf = ({ provenance: { patients, episodes } }: GeneratedReport) => ({ patients, episodes });

describe('what a report gives', () => {
  test('is computed once, and then read: the same to the byte', async () => {
    const { given, logger } = surroundings();
    const { report, generate } = countedReport();
    const first = await generateOnce(report, reportRun(dataSetOf('1', '2')), given);
    const second = await generateOnce(report, reportRun(dataSetOf('1', '2')), given);
    expect([first.origin, second.origin, generate.mock.calls.length]).toEqual(['computed', 'kept', 1]);
    expect(JSON.stringify(second.generated)).toBe(JSON.stringify(first.generated));
    expect(countsOf(second.generated)).toEqual({ patients: 2, episodes: 2 });
    expect(logger.entries).toEqual([]);
  });
  test('is kept without anything of a patient (I9)', async () => {
    const { given, summaries } = surroundings();
    await generateOnce(patientUsageStats, reportRun(dataSetOf('1')), given);
    expect(summaries.objects.size).toBe(1);
    expect(Buffer.concat([...summaries.objects.values()]).toString()).not.toMatch(/Patient\/|planted/);
  });
  test.each<[string, (run: ReportRun) => ReportRun, Partial<ReportDefinition>?]>([
    ['a data set that was replaced', (run) => ({ ...run, dataSet: dataSetOf('1', '2', '3').current })],
    ['another tenant', (run) => ({ ...run, tenant: { ...run.tenant, id: restoreTenantId('other') } })],
    ['another time zone', (run) => ({ ...run, tenant: { ...run.tenant, timeZone: 'UTC' } })],
    ['another baseline', (run) => ({ ...run, tenant: { ...run.tenant, baseline: 1 } })],
    ['another tolerance', (run) => ({ ...run, tenant: { ...run.tenant, toleratedLines: 1 } })],
    ['other rules', (run) => run, { rulesVersion: '2' }],
    ['other limits', (run) => run, { limits: { patients: 7 } }],
    ['another report', (run) => run, { name: 'AnotherReport' }],
  ])('is computed anew for %s', async (_, change, own = {}) => {
    const { given } = surroundings();
    const { report, generate } = countedReport();
    const run = reportRun(dataSetOf('1', '2'));
    await generateOnce(report, run, given);
    expect(await generateOnce({ ...report, ...own }, change(run), given)).toMatchObject({ origin: 'computed' });
    expect(generate).toHaveBeenCalledTimes(2);
  });
  test('I10: of a data set that is replaced meanwhile is kept as that of the one it was read from', async () => {
    const { given } = surroundings();
    const [before, after] = [dataSetOf('1'), dataSetOf('1', '2')];
    const overtaken: ReportDefinition = {
      ...patientUsageStats,
      async generate(run) {
        const late = await patientUsageStats.generate(run);
        await generateOnce(patientUsageStats, reportRun(after), given);
        return late;
      },
    };
    await generateOnce(overtaken, reportRun(before), given);
    const counts = [];
    for (const dataSet of [before, after]) {
      const { generated, origin } = await generateOnce(patientUsageStats, reportRun(dataSet), given);
      counts.push({ ...countsOf(generated), origin });
    }
    expect(counts).toEqual([
      { patients: 1, episodes: 1, origin: 'kept' },
      { patients: 2, episodes: 2, origin: 'kept' },
    ]);
  });
  test('is the same for two workers at once, of whom the second finds the key taken', async () => {
    const { given, summaries, logger } = surroundings();
    const run = reportRun(dataSetOf('1', '2'));
    const both = await Promise.all([1, 2].map(() => generateOnce(patientUsageStats, run, given)));
    expect(both.map(({ origin }) => origin)).toEqual(['computed', 'computed']);
    expect(JSON.stringify(both[0]?.generated)).toBe(JSON.stringify(both[1]?.generated));
    expect([summaries.objects.size, logger.entries.length]).toEqual([1, 0]);
  });
  test('that fails is not kept', async () => {
    const { given, summaries } = surroundings();
    const run = reportRun(dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a', '{}\n')]));
    await expect(generateOnce(patientUsageStats, run, given)).rejects.toMatchObject({ code: 'DATA_SET_MALFORMED' });
    expect(summaries.objects.size).toBe(0);
  });
});

describe('a summary that was damaged', () => {
  const damages: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['cut', (bytes) => bytes.subarray(0, bytes.length - 10)],
    ['of a later form', (bytes) => Buffer.from(Buffer.from(bytes).toString().replace('summary 1', 'summary 9'))],
    ['with other numbers', (bytes) => Buffer.from(Buffer.from(bytes).toString().replace('"count":2', '"count":3'))],
    ['of something else', () => Buffer.from('{}')],
  ];
  test.each(damages)(
    '(%s) is told, and computed anew each time until an operator has removed it',
    async (_, damage) => {
      const { given, summaries, logger } = surroundings();
      const run = reportRun(dataSetOf('1', '2'));
      const { generated } = await generateOnce(patientUsageStats, run, given);
      for (const [key, bytes] of summaries.objects) summaries.objects.set(key, damage(bytes));
      const damaged = [...summaries.objects];
      for (const times of [1, 2]) {
        expect(await generateOnce(patientUsageStats, run, given)).toEqual({ generated, origin: 'computed' });
        expect(logger.entries).toHaveLength(times);
      }
      expect(logger.entries[0]).toMatchObject({ event: 'SUMMARY_DAMAGED', fields: { tenant: 'demo' } });
      expect([...summaries.objects]).toEqual(damaged);
      summaries.objects.clear();
      expect(await generateOnce(patientUsageStats, run, given)).toEqual({ generated, origin: 'computed' });
      expect(await generateOnce(patientUsageStats, run, given)).toEqual({ generated, origin: 'kept' });
    },
  );
});

describe('a store of summaries that fails never fails a report', () => {
  const down = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'summary-store x' }));
  test.each([
    ['read', 'SUMMARY_NOT_READ'],
    ['keep', 'SUMMARY_NOT_KEPT'],
  ] as const)('when it cannot %s', async (method, event) => {
    const { given, logger } = surroundings({ [method]: down });
    const { origin } = await generateOnce(patientUsageStats, reportRun(dataSetOf('1')), given);
    expect(origin).toBe('computed');
    expect(logger.entries).toEqual([
      {
        event,
        fields: {
          tenant: 'demo',
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
          reason: 'summary-store x',
          errorName: 'ServiceError',
        },
      },
    ]);
  });
  test.each([
    ['read', 'SUMMARY_NOT_READ'],
    ['keep', 'SUMMARY_NOT_KEPT'],
  ] as const)(
    'when it takes more than two seconds to %s: it is told to stop, and no longer waited for',
    async (method, event) => {
      const signals: AbortSignal[] = [];
      const hang = (...call: readonly unknown[]) => {
        signals.push(call.at(-1) as AbortSignal);
        return new Promise<never>(() => {});
      };
      const { given, logger, timers } = surroundings({ [method]: hang });
      const made = generateOnce(patientUsageStats, reportRun(dataSetOf('1')), given);
      await vi.waitFor(() => expect(signals).toHaveLength(1));
      await timers.pass(1999);
      expect(signals[0]?.aborted).toBe(false);
      await timers.pass(1);
      expect(await made).toMatchObject({ origin: 'computed' });
      expect([signals[0]?.aborted, timers.pending]).toEqual([true, 0]);
      expect(logger.of(event)).toMatchObject([{ errorName: 'OutOfPatience' }]);
    },
  );
  test('but a run that is no longer waited for ends with its own reason, and tells nothing', async () => {
    const lost = new Error('lease lost');
    for (const method of ['read', 'keep'] as const) {
      const controller = new AbortController();
      const aborting = () => {
        controller.abort(lost);
        return new Promise<never>(() => {});
      };
      const { given, logger } = surroundings({ [method]: aborting });
      const run = { ...reportRun(dataSetOf('1')), signal: controller.signal };
      await expect(generateOnce(patientUsageStats, run, given)).rejects.toBe(lost);
      expect(logger.entries).toEqual([]);
    }
  });
});
