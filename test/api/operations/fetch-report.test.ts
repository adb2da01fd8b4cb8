import { randomFillSync } from 'node:crypto';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readApiRequest } from '../../../functions/api/api-request.ts';
import { renderResponse } from '../../../functions/api/api-response.ts';
import { describeUnstoredBinary } from '../../../functions/api/binary-resource.ts';
import { createFetchReport } from '../../../functions/api/operations/fetch-report.ts';
import { largestAnswer } from '../../../functions/api/operations/read-binary.ts';
import type { DataSetSource } from '../../../functions/episodes/data-set.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { patientUsageStats } from '../../../functions/reports/patient-usage-stats/patient-usage-stats.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createCountedIds } from '../../support/counted-ids.ts';
import { createTestApi, resourceOf, sampleCaller } from '../../support/create-test-api.ts';
import { dataSetInMemory, fileInMemory } from '../../support/in-memory-data-set.ts';
import { createInMemorySummaries } from '../../support/in-memory-summaries.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createManualTimers } from '../../support/manual-timers.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { demoUser } from '../../support/sample-job.ts';
import { sampleTenant } from '../../support/sample-tenant.ts';

const line = `${JSON.stringify({
  resourceType: 'EpisodeOfCare',
  status: 'active',
  patient: { reference: 'Patient/planted-patient' },
  statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
})}\n`;
const dataSetOf = (lines: number, facts = {}): DataSetSource =>
  dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', line.repeat(lines), facts)]);

const fetchEvent = (value = 'None', headers: Record<string, string> = {}) =>
  apiEvent('POST', '/fhir/$fetch-patient-usage-stats', {
    headers: { authorization: 'Bearer owner', 'content-type': 'application/fhir+json', ...headers },
    body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: value }] }),
  });

const apiWith = (dataSets: DataSetSource, own: Parameters<typeof sampleTenant>[0] = {}) =>
  createTestApi({ owner: sampleCaller({ tenant: sampleTenant(own) }) }, { dataSets });

describe('$fetch-patient-usage-stats', () => {
  test('answers with the report itself: a Binary without id, version and time, as the contract has it', async () => {
    const api = apiWith(dataSetOf(3));
    const answer = await api.send(fetchEvent());
    expect(answer.statusCode).toBe(200);
    const { data, ...rest } = resourceOf<Record<string, unknown> & { data: string }>(answer);
    expect(JSON.stringify(rest)).toBe(
      JSON.stringify({
        resourceType: 'Binary',
        meta: { profile: ['http://hl7.org/fhir/StructureDefinition/Binary'] },
        contentType: 'application/gzip-json',
        securityContext: { identifier: { value: demoUser } },
      }),
    );
    const [[, header] = [], [, summary] = []] = Object.entries(unzipSync(Buffer.from(data, 'base64')));
    expect(JSON.parse(Buffer.from(header ?? []).toString())).toMatchObject({
      provenance: { episodes: 3, patients: 1 },
    });
    const [month] = JSON.parse(Buffer.from(summary ?? []).toString()).PatientsUsageSummary.monthData;
    expect(month).toMatchObject({ month: '1', year: '2026', entries: [{ count: 1 }, { count: 1 }] });
  });
  test('has no location, content-location, last-modified, etag and nothing to wait for', async () => {
    const { headers = {} } = await apiWith(dataSetOf(1)).send(fetchEvent());
    for (const name of ['location', 'content-location', 'last-modified', 'etag', 'retry-after']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(headers).toMatchObject({ 'content-type': 'application/fhir+json; charset=UTF-8' });
  });
  test('stores no Binary, makes no job and sends no message; what is kept is the numbers', async () => {
    const api = apiWith(dataSetOf(1));
    await api.send(fetchEvent());
    expect([api.jobs.all().length, api.content.objects.size, api.sent.length]).toEqual([0, 0, 0]);
    expect(api.called()).toEqual(['summaries.read', 'summaries.keep']);
    expect(Buffer.concat([...api.summaries.objects.values()]).toString()).not.toContain('planted-patient');
    expect(api.logger.of('REPORT_FETCHED')).toMatchObject([{ tenant: 'demo', episodes: 1, summary: 'computed' }]);
    expect(JSON.stringify(api.logger.entries)).not.toContain('planted-patient');
  });
  test('needs the role of all three operations, and the further one for None', async () => {
    const tenant = sampleTenant();
    const callers = {
      owner: sampleCaller({ tenant, roles: new Set(['$fetch-patient-usage-stats']) }),
      nobody: sampleCaller({ tenant, roles: new Set(['Binary.read']) }),
    };
    const api = createTestApi(callers, { dataSets: dataSetOf(1) });
    expect((await api.send(fetchEvent('ANONYMIZED'))).statusCode).toBe(200);
    expect((await api.send(fetchEvent('None'))).statusCode).toBe(403);
    expect((await api.send(fetchEvent('ANONYMIZED', { authorization: 'Bearer nobody' }))).statusCode).toBe(403);
  });
});

test('the same again is the same again, and reads no file', async () => {
  let reads = 0;
  const file = fileInMemory('a.ndjson', line);
  const counting: typeof file = {
    ...file,
    read(signal) {
      reads += 1;
      return file.read(signal);
    },
  };
  const api = apiWith(dataSetInMemory('2026-04-01T00:00:00Z', [counting]));
  const [first, second] = [await api.send(fetchEvent()), await api.send(fetchEvent())];
  expect(second.body).toBe(first.body);
  expect(reads).toBe(1);
  expect(api.logger.of('REPORT_FETCHED')).toMatchObject([{ summary: 'computed' }, { episodes: 1, summary: 'kept' }]);
});

describe('refused with the 422 of the contract', () => {
  const unread: DataSetSource = { openCurrent: () => Promise.reject(new Error('touched')) };
  const refused = 'Synchronous generation of the report is not allowed';

  test('when it is switched off for the tenant: no store is touched', async () => {
    const answer = await apiWith(unread, { operations: { execute: true, schedule: true, fetch: false } }).send(
      fetchEvent(),
    );
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining(refused)]);
    expect(answer.body).toContain('REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED');
  });
  test('when the data set is beyond the limit of the tenant by its counts: no file is looked at', async () => {
    const looksAtFiles: DataSetSource = {
      async openCurrent(_tenantId, _signal, admit) {
        admit?.([{ name: 'a.ndjson', count: 4 }, { name: 'b.ndjson' }, { name: 'c.ndjson', bytes: 6001 }]);
        throw new Error('looked at files');
      },
    };
    const answer = await apiWith(looksAtFiles, { synchronousEpisodes: 10 }).send(fetchEvent());
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining(refused)]);
    expect(answer.body).toContain('about 11 episodes of care, more than the 10');
  });
  test('by an estimate where a count is missing', async () => {
    const fat = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', line, { bytes: 10_001 })]);
    expect((await apiWith(fat, { synchronousEpisodes: 10 }).send(fetchEvent())).statusCode).toBe(422);
  });
  test('and not at the limit itself', async () => {
    const answer = await apiWith(dataSetOf(10, { count: 10 }), { synchronousEpisodes: 10 }).send(fetchEvent());
    expect(answer.statusCode).toBe(200);
  });
});

test('the data set that is decided over is the one that is read', async () => {
  let opened = 0;
  const small = dataSetOf(1, { count: 1 });
  const dataSets: DataSetSource = {
    openCurrent: (...call) => {
      opened += 1;
      return small.openCurrent(...call);
    },
  };
  expect((await apiWith(dataSets).send(fetchEvent())).statusCode).toBe(200);
  expect(opened).toBe(1);
});

describe('a report that cannot be made', () => {
  const outcome = async (dataSets: DataSetSource) => {
    const answer = await apiWith(dataSets).send(fetchEvent());
    const [issue] = resourceOf<{ issue: [{ code: string; details: { coding: [{ code: string }]; text: string } }] }>(
      answer,
    ).issue;
    return {
      status: answer.statusCode,
      code: issue.details.coding[0].code,
      issue: issue.code,
      cause: issue.details.text,
    };
  };
  test('for its data is 500 REPORTING_REPORT_GENERATION_FAILED with file and line and no patient', async () => {
    const broken = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', `${line}{"a":1}\n`)]);
    expect(await outcome(broken)).toEqual({
      status: 500,
      code: 'REPORTING_REPORT_GENERATION_FAILED',
      issue: 'invalid',
      cause: expect.stringContaining('a.ndjson line 2'),
    });
  });
  test('for want of a data set is the same', async () => {
    const missing = () => Promise.reject(new ServiceError('DATA_SET_MISSING', { cause: 'manifest.json is not there' }));
    expect(await outcome({ openCurrent: missing })).toMatchObject({
      status: 500,
      code: 'REPORTING_REPORT_GENERATION_FAILED',
      cause: 'manifest.json is not there',
    });
  });
  test('because the store does not answer is 503', async () => {
    const down = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect((await outcome({ openCurrent: down })).status).toBe(503);
  });
  test('before the gateway gives up is 503 timeout, and reading stops', async () => {
    let stopped: unknown;
    const endless: DataSetSource = {
      openCurrent: (_tenantId, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            stopped = signal.reason;
            reject(signal.reason);
          });
        }),
    };
    const answer = await apiWith(endless).send(fetchEvent(), { getRemainingTimeInMillis: () => 4000 });
    expect(answer.statusCode).toBe(503);
    expect(resourceOf<{ issue: [{ code: string }] }>(answer).issue[0].code).toBe('timeout');
    expect(stopped).toBeInstanceOf(Error);
  });
});

describe('a report of a size that an answer can no longer hold (H68)', () => {
  const run = async (largest?: number) => {
    const clock = createManualClock();
    const making = { clock, timers: createManualTimers(clock), logger: createRecordedLog() };
    const dependencies = { ...making, dataSets: dataSetOf(1), summaries: createInMemorySummaries() };
    const request = readApiRequest(fetchEvent(), '/fhir', createCountedIds());
    const { signal } = new AbortController();
    const call = { request, caller: sampleCaller(), captured: [], signal };
    const { body } = await createFetchReport(dependencies, patientUsageStats, largest).run(call);
    const { data } = (body?.kind === 'resource' ? body.resource : {}) as { data: string };
    return Buffer.from(data, 'base64').length;
  };

  test('is delivered up to the limit, and refused one byte over it, with what to do instead', async () => {
    const bytes = await run();
    expect(await run(bytes)).toBe(bytes);
    await expect(run(bytes - 1)).rejects.toMatchObject({
      code: 'REPORT_TOO_LARGE',
      details: { cause: expect.stringContaining('Order it with $execute-patient-usage-stats') },
    });
  });
  test.each([{}, { 'accept-encoding': 'gzip' }])('fits into an answer of Lambda at the limit (%j)', (headers) => {
    // 6 MB: AWS Lambda, "Lambda quotas", invocation payload of a synchronous response.
    const lambdaLimit = 6 * 1024 * 1024;
    const bytes = randomFillSync(new Uint8Array(largestAnswer));
    const resource = describeUnstoredBinary(demoUser, 'application/gzip-json', bytes);
    const request = readApiRequest(fetchEvent('None', headers), '/fhir', createCountedIds());
    const answer = renderResponse({ status: 200, body: { kind: 'resource', resource } }, request);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(lambdaLimit);
  });
});
