import { expect, test } from 'vitest';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

/** What becomes of one job of this tenant, and how often its data set was opened. */
const run = async (tenant: Tenant) => {
  const clock = createManualClock();
  const jobs = createInMemoryJobStore();
  const content = createInMemoryContent();
  await jobs.place(demoTenant, sampleJob());
  const dataSet = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', new Uint8Array(), { count: 0 })]);
  let opened = 0;
  const worker = {
    jobs,
    content,
    clock,
    dataSets: {
      openCurrent: (...asked: Parameters<typeof dataSet.openCurrent>) => {
        opened += 1;
        return dataSet.openCurrent(...asked);
      },
    },
    logger: createRecordedLog(),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(tenant),
    timers: createManualTimers(clock),
    ids: createCountedIds(),
    rules: { lease: 60_000, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000 },
  };
  await processJob(worker, { tenantId: demoTenant, binaryId: sampleJob().binaryId }, 300_000);
  return { job: jobs.all()[0], opened };
};

test('no report is made here for a tenant that another region serves: the first attempt ends the job, no data is read', async () => {
  const { job, opened } = await run(sampleTenant({ region: 'eu-west-1', elsewhere: true }));
  expect(job).toMatchObject({ status: 'FAILED', attempts: 1, failure: { code: 'TENANT_ELSEWHERE' } });
  expect(job?.failure?.cause).toBe('The tenant is served by another region. Order the report there.');
  expect(opened).toBe(0);
});

test('no report is made for a tenant that was disabled after the order: the first attempt ends the job, no data is read', async () => {
  const { job, opened } = await run(sampleTenant({ enabled: false }));
  expect(job).toMatchObject({ status: 'FAILED', attempts: 1, failure: { code: 'TENANT_DISABLED' } });
  expect(opened).toBe(0);
});

test('a tenant whose record names this region has its report', async () => {
  const { job, opened } = await run(sampleTenant({ region: 'eu-north-1' }));
  expect([job?.status, opened]).toEqual(['DONE', 1]);
});
