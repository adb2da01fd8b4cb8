import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { putTenant } from '../../functions/auth/dynamodb-tenant-registry.ts';
import { redriveStaleJobs } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { noImports } from '../support/sample-import.ts';
import { demoTenant, sampleBinaryId, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';

const script = fileURLToPath(new URL('../support/run-worker.ts', import.meta.url));
const minutes = (count: number) => count * 60_000;
let faulty: FaultyStores;
beforeAll(async () => {
  faulty = await startFaultyStores();
  const { id, issuer, jwksUri, audience } = sampleTenant();
  const table = faulty.direct.ref('TenantsTable');
  await putTenant(faulty.direct.documents, table, { id, issuer, jwksUri, audience }, new Set(['issuer.example']));
});
afterAll(() => faulty.stop());

/** Everything that the worker Lambda is given. Its data set never comes: S3 swallows what it asks for. */
const environment = (maxAttempts: number) => ({
  AWS_ENDPOINT_URL_DYNAMODB: faulty.direct.endpoints.dynamodb,
  AWS_ENDPOINT_URL_S3: faulty.proxies.s3.endpoint,
  AWS_REGION: 'eu-north-1',
  STAGE: 'test',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  JOBS_TABLE: faulty.direct.ref('JobsTable'),
  TENANTS_TABLE: faulty.direct.ref('TenantsTable'),
  CONTENT_BUCKET: faulty.direct.ref('ContentBucket'),
  DATA_BUCKET: faulty.direct.ref('DataBucket'),
  TRUSTED_PRIVATE_HOSTS: 'issuer.example',
  MAX_ATTEMPTS: String(maxAttempts),
});

const store = () => createDynamoDbJobStore(faulty.direct.documents, faulty.direct.ref('JobsTable'));
const stored = async (binaryId: string) => (await store().read(demoTenant, binaryId)) as Job;

/** The worker's process takes a job, and is killed while it waits for its data. */
const killWorker = async (binaryId: string, maxAttempts: number): Promise<void> => {
  faulty.heal();
  faulty.proxies.s3.inject({ fault: { kind: 'blackhole' } });
  const asked = faulty.proxies.s3.next('HEAD');
  const child = spawn(process.execPath, [script, writeJobMessage({ tenantId: demoTenant, binaryId })], {
    env: environment(maxAttempts),
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await Promise.race([asked, ended]);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
};

/** Dispatcher and worker in this process, after the dead worker's lease. */
const createRest = (maxAttempts: number, clock: ManualClock) => {
  const jobs = store();
  const logger = createRecordedLog();
  const content = createInMemoryContent();
  const queued: string[] = [];
  const rules = { lease: 60_000, maxAttempts, deadlineMargin: 90_000, retryAfter: 15_000, requeueAfter: 60_000 };
  const shared = { jobs, logger, content, clock, ids: randomIds, rules };
  return {
    queued,
    tick: () =>
      redriveStaleJobs({
        ...shared,
        imports: noImports,
        openJobs: createDynamoDbOpenJobIndex(faulty.direct.documents, faulty.direct.ref('JobsTable'), logger),
        queue: { send: async (_tenantId, binaryId) => void queued.push(binaryId) },
        eraser: content,
        jobsPerTick: 100,
      }),
    work: (binaryId: string) =>
      processJob(
        {
          ...shared,
          pace: createInMemoryReportPace(),
          summaries: createInMemorySummaries(),
          tenants: registryOf(sampleTenant()),
          dataSets: dataSetInMemory('2026-04-01T00:00:00Z', []),
          timers: createManualTimers(clock),
        },
        { tenantId: demoTenant, binaryId },
        300_000,
      ),
  };
};

const place = async (binaryId: string, clock: ManualClock): Promise<void> => {
  const now = clock.now();
  const job = sampleJob({ binaryId, created: now, due: now + minutes(1), deadline: now + minutes(15) });
  await store().place(demoTenant, job);
};
const createClock = () => createManualClock(new Date().toISOString());

test('A28: a worker that is killed loses its job to the next one, once its lease has run out', async () => {
  const clock = createClock();
  const binaryId = sampleBinaryId('1');
  await place(binaryId, clock);
  await killWorker(binaryId, 4);
  expect(await stored(binaryId)).toMatchObject({ status: 'RUNNING', attempts: 1 });
  const { tick, work, queued } = createRest(4, clock);
  await tick();
  expect(queued).toEqual([]);
  clock.advance(minutes(2));
  await tick();
  expect(queued).toEqual([binaryId]);
  await work(binaryId);
  expect(await stored(binaryId)).toMatchObject({ status: 'DONE', attempts: 2, redrives: 1 });
});

test('A28: a job whose last worker is killed ends FAILED (I1, I8)', async () => {
  const clock = createClock();
  const binaryId = sampleBinaryId('2');
  await place(binaryId, clock);
  await killWorker(binaryId, 1);
  clock.advance(minutes(2));
  const { tick, queued } = createRest(1, clock);
  await tick();
  expect(queued).toEqual([]);
  expect(await stored(binaryId)).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' } });
});
