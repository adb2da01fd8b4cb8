import { unzipSync } from 'fflate';
import { expect, test, vi } from 'vitest';
import { makeReport } from '../../functions/reports/make-report.ts';
import { patientUsageStats } from '../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const line = JSON.stringify({ resourceType: 'EpisodeOfCare', status: 'planned', patient: { reference: 'Patient/1' } });
const dataSets = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', `${line}\n`)]);
const parameters = [{ name: 'anonymization', valueString: 'None' }];
const making = (clock = createManualClock(), summaries = createInMemorySummaries()) => ({
  clock,
  summaries,
  timers: createManualTimers(clock),
  logger: createRecordedLog(),
});
const runWith = (signal: AbortSignal) => ({ tenant: sampleTenant(), parameters, dataSets, signal });

test('a report is a ZIP with the time at which it was begun', async () => {
  const clock = createManualClock();
  const slow: typeof patientUsageStats = {
    ...patientUsageStats,
    generate: (run) => {
      clock.advance(60_000);
      return patientUsageStats.generate(run);
    },
  };
  const { bytes, episodes } = await makeReport(slow, runWith(new AbortController().signal), making(clock));
  expect(episodes).toBe(1);
  const [[name = '', header] = []] = Object.entries(unzipSync(bytes));
  expect(name).toBe('PatientsUsageReport_2026_04_16_11_44_11/ReportHeader');
  expect(JSON.parse(Buffer.from(header ?? []).toString())).toMatchObject({
    reportTime: '2026-04-16T11:44:11.919Z',
    parameters: { parameter: parameters },
  });
});

test('a report of data that was counted before has its own time and the same content, to the byte (I10)', async () => {
  const clock = createManualClock();
  const dependencies = making(clock);
  const make = async () => {
    const made = await makeReport(patientUsageStats, runWith(new AbortController().signal), dependencies);
    const [header, summary] = Object.values(unzipSync(made.bytes)).map((bytes) => Buffer.from(bytes).toString());
    const { reportTime, ...rest } = JSON.parse(header ?? '');
    return { made, reportTime, rest: JSON.stringify(rest), summary };
  };
  const first = await make();
  clock.advance(3_600_000);
  const second = await make();
  expect([first.made.summary, second.made.summary]).toEqual(['computed', 'kept']);
  expect([first.reportTime, second.reportTime]).toEqual(['2026-04-16T11:44:11.919Z', '2026-04-16T12:44:11.919Z']);
  expect([second.rest, second.summary, second.made.episodes]).toEqual([first.rest, first.summary, 1]);
  expect(first.rest).toContain('"provenance":{"dataCutOff":"2026-04-01T00:00:00Z"');
});

test('both values of anonymization share one summary, and each header shows its own', async () => {
  const dependencies = making();
  const makeWith = async (valueString: string) => {
    const order = runWith(new AbortController().signal);
    const own = { ...order, parameters: [{ name: 'anonymization', valueString }] };
    const { bytes, summary } = await makeReport(patientUsageStats, own, dependencies);
    const [header = new Uint8Array()] = Object.values(unzipSync(bytes));
    return [summary, JSON.parse(Buffer.from(header).toString()).parameters.parameter[0].valueString];
  };
  expect(await makeWith('None')).toEqual(['computed', 'None']);
  expect(await makeWith('ANONYMIZED')).toEqual(['kept', 'ANONYMIZED']);
});

test('a report is given what it may depend on, and nothing else', async () => {
  const given: unknown[] = [];
  const [anonymization] = patientUsageStats.parameters;
  if (anonymization === undefined) throw new TypeError('it has a parameter');
  const curious: typeof patientUsageStats = {
    ...patientUsageStats,
    parameters: [anonymization, { ...anonymization, name: 'unit', decidesContent: true }],
    generate: (run) => {
      const { dataSet: _opened, signal: _signal, ...rest } = run;
      given.push(rest);
      return patientUsageStats.generate(run);
    },
  };
  const unit = { name: 'unit', valueString: 'month' };
  const order = { ...runWith(new AbortController().signal), parameters: [...parameters, unit] };
  await makeReport(curious, order, making());
  expect(given).toEqual([
    { tenant: { id: 'demo', timeZone: 'Europe/Copenhagen', baseline: 10_000, toleratedLines: 0 }, parameters: [unit] },
  ]);
});

test('a data set whose cut-off is to come by more than an hour gives no report, whatever is known of it; one that was let in by a clock that is ahead of ours does', async () => {
  const clock = createManualClock();
  const dependencies = making(clock);
  const makeAt = (now: number) => {
    clock.advance(now - clock.now());
    return makeReport(patientUsageStats, runWith(new AbortController().signal), dependencies);
  };
  const cutOff = Date.parse(dataSets.current.transactionTime);
  expect((await makeAt(cutOff - 15 * 60_000 - 45_000)).summary).toBe('computed');
  await makeAt(cutOff - 60 * 60_000);
  await expect(makeAt(cutOff - 60 * 60_000 - 1)).rejects.toMatchObject({
    code: 'DATA_SET_MALFORMED',
    details: { cause: 'manifest.json: transactionTime is in the future' },
  });
});

test('a report that nobody waits for any more opens no data set', async () => {
  const order = { ...runWith(AbortSignal.abort(new Error('too late'))), dataSets: { openCurrent: vi.fn() } };
  await expect(makeReport(patientUsageStats, order, making())).rejects.toThrow('too late');
  expect(order.dataSets.openCurrent).not.toHaveBeenCalled();
});

test('a report that is no longer waited for is not packed', async () => {
  const controller = new AbortController();
  const late: typeof patientUsageStats = {
    ...patientUsageStats,
    generate: async (run) => {
      const made = await patientUsageStats.generate(run);
      controller.abort(new Error('too late'));
      return made;
    },
  };
  await expect(makeReport(late, runWith(controller.signal), making())).rejects.toThrow('too late');
});

test.each<[string, 'late' | 'not-begun', string, object | undefined]>([
  [
    'tells of the import that it did not wait for',
    'late',
    '2026-04-01T00:00:00.001Z',
    { outcome: 'late', begun: '2026-04-01T00:00:00.001Z' },
  ],
  ['tells nothing of it where the data set is newer all the same', 'late', '2026-04-01T00:00:00Z', undefined],
  [
    'tells when an import was expected that was not begun',
    'not-begun',
    '2026-04-01T00:00:00.001Z',
    { outcome: 'not-begun', expected: '2026-04-01T00:00:00.001Z' },
  ],
  ['tells nothing of one that was begun all the same', 'not-begun', '2026-04-01T00:00:00Z', undefined],
])('a report %s', async (_what, outcome, begun, told) => {
  const nightImport = { outcome, begun: Date.parse(begun) };
  const order = { ...runWith(new AbortController().signal), nightImport };
  const { bytes } = await makeReport(patientUsageStats, order, making());
  const [header] = Object.values(unzipSync(bytes)).map((one) => Buffer.from(one).toString());
  const { provenance } = JSON.parse(header ?? '');
  expect(provenance.dataCutOff).toBe('2026-04-01T00:00:00Z');
  expect(provenance.nightImport).toEqual(told);
});
