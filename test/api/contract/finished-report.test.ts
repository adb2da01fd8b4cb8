import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { type ContractAnswer, createContractBench } from '../../support/contract-bench.ts';

const folder = 'PatientsUsageReport_2026_04_16_11_44_16';
const bench = createContractBench();
let id: string;
let current: ContractAnswer;
let zip: Buffer;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  id = await bench.finishedId();
  current = await bench.call('GET', `Binary/${id}`);
  zip = (await bench.call('GET', `Binary/${id}`, { headers: { accept: '*/*' } })).bytes;
  files = Object.fromEntries(
    Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
  );
});

describe('contract, finished report:', () => {
  test('contract, finished report: it is version 2 of the Binary', () =>
    expect(current.json()).toMatchObject({ id, meta: { versionId: '2' } }));
  test('contract, finished report: contentType application/gzip-json, and the bytes are a ZIP', () => {
    expect(current.json()['contentType']).toBe('application/gzip-json');
    expect(zip.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
  });
  test('contract, finished report: no meta.source', () => expect(current.json()['meta']).not.toHaveProperty('source'));
  test('contract, finished report: version 1 stays readable under _history/1', async () =>
    expect((await bench.call('GET', `Binary/${id}/_history/1`)).json()).toMatchObject({
      contentType: 'text/plain',
      data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==',
    }));
  test('contract, finished report: two files in a folder with the UTC time of the report, no endings, no directories', () =>
    expect(Object.keys(files)).toEqual([
      `${folder}/ReportHeader`,
      `${folder}/PatientsUsageSummary/PatientsUsageSummary`,
    ]));
  test('contract, finished report: deflate', async () => {
    const archive = await fromBufferPromise(zip);
    const methods: number[] = [];
    for await (const entry of archive.eachEntry()) methods.push(entry.compressionMethod);
    expect(methods).toEqual([8, 8]);
  });
  test('contract, finished report: compact UTF-8 JSON', () => {
    for (const text of Object.values(files)) expect(text).toBe(JSON.stringify(JSON.parse(text)));
  });
  test('contract, finished report: ReportHeader has its three members, then provenance', () => {
    const header = JSON.parse(files[`${folder}/ReportHeader`] ?? '');
    expect(Object.keys(header)).toEqual(['reportName', 'reportTime', 'parameters', 'provenance']);
    expect(header).toMatchObject({
      reportName: 'PatientsUsageReport',
      reportTime: '2026-04-16T11:44:16.919Z',
      parameters: { resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: 'None' }] },
    });
  });
  test('contract, finished report: PatientsUsageSummary holds monthData and yearData', () => {
    const summary = JSON.parse(files[`${folder}/PatientsUsageSummary/PatientsUsageSummary`] ?? '');
    expect(Object.keys(summary)).toEqual(['PatientsUsageSummary']);
    expect(Object.keys(summary.PatientsUsageSummary)).toEqual(['monthData', 'yearData']);
  });
});

describe('contract, failed generation:', () => {
  const failed = createContractBench();
  let version: Readonly<Record<string, unknown>>;
  let outcome: string;

  beforeAll(async () => {
    version = (await failed.call('GET', `Binary/${await failed.failedId()}`)).json();
    outcome = Buffer.from(String(version['data']), 'base64').toString();
  });

  test('contract, failed generation: version 2 has contentType application/fhir+json', () =>
    expect(version).toMatchObject({ meta: { versionId: '2' }, contentType: 'application/fhir+json' }));
  test('contract, failed generation: its bytes are an OperationOutcome with REPORTING_REPORT_GENERATION_FAILED', () =>
    expect(JSON.parse(outcome)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          details: { coding: [{ code: 'REPORTING_REPORT_GENERATION_FAILED' }] },
          diagnostics: 'Report generation has failed',
        },
      ],
    }));
  test('contract, failed generation: the cause names file and line and leaks nothing', () => {
    expect(JSON.parse(outcome).issue[0].details.text).toMatch(/a\.ndjson.*line 1\b|line 1\b.*a\.ndjson/);
    expect(outcome).not.toContain('planted-patient');
  });
  test('contract, failed generation: version 1 stays readable', async () =>
    expect((await failed.call('GET', `Binary/${version['id']}/_history/1`)).status).toBe(200));
});
