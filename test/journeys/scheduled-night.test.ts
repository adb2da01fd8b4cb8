import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { redriveStaleJobs } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { ImportState } from '../../functions/imports/import.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createTestApi, resourceOf, sampleCaller } from '../support/create-test-api.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryImportStore } from '../support/in-memory-import-store.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { noImports, sampleImport } from '../support/sample-import.ts';
import { demoTenant } from '../support/sample-job.ts';
import { registryOf, sampleImportSource, sampleTenant } from '../support/sample-tenant.ts';

const minute = 60_000;
const dataSets = dataSetInMemory('2026-01-01T00:00:00Z', [fileInMemory('a.ndjson', '')]);
const rules = { lease: minute, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000, requeueAfter: minute };

/** The service over one clock and stores in memory: api, a tick a minute, and a worker for every message. */
const startService = (
  timeZone: string,
  evening: string,
  imports: Pick<ImportStore, 'read'> = noImports,
  own: Partial<Tenant> = {},
) => {
  const tenant = sampleTenant({ timeZone, ...own });
  const api = createTestApi({ owner: sampleCaller({ tenant }) });
  const { jobs, content, clock } = api;
  const shared = { jobs, content, clock, ids: createCountedIds(), logger: createRecordedLog(), rules };
  const queue = { send: async (_tenantId: unknown, binaryId: string) => void api.sent.push(binaryId) };
  const worker = {
    ...shared,
    dataSets,
    tenants: registryOf(tenant),
    timers: createManualTimers(clock),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
  };
  const deliver = (binaryId: string) => processJob(worker, { tenantId: demoTenant, binaryId }, 5 * minute);
  clock.advance(Date.parse(evening) - clock.now());
  return {
    api,
    deliver,
    /** A minute passes: one tick, then every message is delivered, and each of them twice. */
    async passMinute() {
      clock.advance(minute);
      await redriveStaleJobs({
        ...shared,
        imports,
        openJobs: jobs,
        queue,
        eraser: content,
        jobsPerTick: 100,
      });
      for (const binaryId of api.sent.splice(0)) {
        await deliver(binaryId);
        await deliver(binaryId);
      }
    },
  };
};

const headers = {
  authorization: 'Bearer owner',
  accept: 'application/fhir+json',
  'content-type': 'application/fhir+json',
};
const body = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';
const orderEvent = () => apiEvent('POST', '/fhir/$schedule-patient-usage-stats', { headers, body });

describe.each([
  // The window from 01:00 to 05:00 local and 07:00 local, in UTC.
  [
    'in spring, the window has three hours',
    'Europe/Copenhagen',
    '2026-03-28T19:00Z',
    '2026-03-29T00:00Z',
    3,
    '2026-03-29T05:00Z',
  ],
  ['in autumn, it has five', 'Europe/Copenhagen', '2026-10-24T18:00Z', '2026-10-24T23:00Z', 5, '2026-10-25T06:00Z'],
  [
    'without a change, it has four',
    'Europe/Copenhagen',
    '2026-04-16T18:00Z',
    '2026-04-16T23:00Z',
    4,
    '2026-04-17T05:00Z',
  ],
  [
    'where the clock goes forward at midnight',
    'America/Santiago',
    '2026-09-05T23:00Z',
    '2026-09-06T04:00Z',
    4,
    '2026-09-06T10:00Z',
  ],
  [
    'where the clock goes back at midnight',
    'America/Santiago',
    '2026-04-04T22:00Z',
    '2026-04-05T05:00Z',
    4,
    '2026-04-05T11:00Z',
  ],
])('twenty reports scheduled in the evening, %s (%s)', (_what, zone, evening, from, hours, readyBy) => {
  test('are released within the window, spread over it, and DONE before 07:00 local', async () => {
    const { api, deliver, passMinute } = startService(zone, evening);
    const { clock, jobs } = api;
    for (let n = 0; n < 20; n += 1) expect((await api.send(orderEvent())).statusCode).toBe(200);
    const ids = jobs.all().map(({ binaryId }) => binaryId);
    expect(jobs.all().every(({ deadline }) => deadline === Date.parse(readyBy))).toBe(true);
    // Messages that come before their time, from nowhere: nobody takes the job.
    for (const id of ids) await deliver(id);
    expect(jobs.all().every(({ status, attempts }) => status === 'QUEUED' && attempts === 0)).toBe(true);

    while (clock.now() < Date.parse(readyBy)) await passMinute();

    const started = jobs.all().map((job) => job.started ?? 0);
    const window = [Date.parse(from), Date.parse(from) + hours * 60 * minute];
    expect(Math.min(...started)).toBeGreaterThanOrEqual(window[0] ?? 0);
    expect(Math.max(...started)).toBeLessThanOrEqual((window[1] ?? 0) + minute);
    const quarters = new Set(started.map((at) => Math.floor(((at - (window[0] ?? 0)) * 4) / (hours * 60 * minute))));
    expect(quarters.size).toBeGreaterThanOrEqual(3);
    for (const job of jobs.all()) {
      expect(job).toMatchObject({ status: 'DONE', attempts: 1, redrives: 0, versions: [{}, { versionId: 2 }] });
      expect(job.ended).toBeLessThan(job.deadline);
    }
  });
  test('show the placeholder until then, and their owner is told when to come back', async () => {
    const { api, passMinute } = startService(zone, evening);
    const ordered = await api.send(orderEvent());
    const path = `/fhir/Binary/${String(resourceOf(ordered)['id'])}`;
    const before = await api.send(apiEvent('GET', path, { headers }));
    expect(resourceOf(before)).toMatchObject({ meta: { versionId: '1' } });
    const wait = Number(before.headers?.['retry-after']);
    expect(wait * 1000).toBeGreaterThanOrEqual(Date.parse(from) - Date.parse(evening));
    for (let passed = 0; passed < wait + 60; passed += 60) await passMinute();
    const after = await api.send(apiEvent('GET', path, { headers }));
    expect(resourceOf(after)).toMatchObject({ meta: { versionId: '2' }, contentType: 'application/gzip-json' });
  });
});

test('a night without a dispatcher ends every scheduled job by its deadline, as soon as there is one again', async () => {
  const { api, passMinute } = startService('Europe/Copenhagen', '2026-03-28T19:00Z');
  await api.send(orderEvent());
  api.clock.advance(11 * 60 * minute);
  await passMinute();
  expect(api.jobs.all()).toMatchObject([{ status: 'FAILED', failure: { code: 'JOB_DEADLINE_PASSED' } }]);
});

test.each<[string, Partial<Tenant>, ImportState, object]>([
  ['does not end', {}, 'POLLING', { outcome: 'late', begun: '2026-04-16T21:00:00.000Z' }],
  [
    'is not begun',
    // The one that is there is of before the evening in which imports of the night are begun.
    { import: sampleImportSource, night: { from: 4 * 3_600_000, to: 5 * 3_600_000, readyBy: 7 * 3_600_000 } },
    'DONE',
    { outcome: 'not-begun', expected: '2026-04-16T23:00:00.000Z' },
  ],
])(
  "a report whose tenant's import %s waits until an hour and a half before its time, and says so in its provenance",
  async (_what, own, state, nightImport) => {
    const imports = createInMemoryImportStore();
    imports.put(sampleImport({ begun: Date.parse('2026-04-16T21:00:00Z'), state }));
    const { api, passMinute } = startService('Europe/Copenhagen', '2026-04-16T18:00Z', imports, own);
    await api.send(orderEvent());
    const job = () => api.jobs.all()[0];
    while (job()?.status === 'QUEUED') await passMinute();
    expect(new Date(api.clock.now()).toISOString().slice(0, 16)).toBe('2026-04-17T03:30');
    expect(job()).toMatchObject({ status: 'DONE' });
    const answer = await api.send(
      apiEvent('GET', `/fhir/Binary/${job()?.binaryId}`, { headers: { ...headers, accept: '*/*' } }),
    );
    const [header] = Object.values(unzipSync(Buffer.from(answer.body ?? '', 'base64')));
    const { provenance } = JSON.parse(Buffer.from(header ?? []).toString());
    expect(provenance).toMatchObject({ dataCutOff: '2026-01-01T00:00:00Z' });
    expect(provenance.nightImport).toEqual(nightImport);
  },
);
