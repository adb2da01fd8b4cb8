import type { Context, SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { createWorkerHandler } from '../../functions/worker/create-worker-handler.ts';
import type { WorkerDependencies } from '../../functions/worker/dependencies.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleBinaryId, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

const context = { getRemainingTimeInMillis: () => 300_000 } as Context;
const record = (messageId: string, body: string) => ({ messageId, body }) as SQSRecord;
const messageFor = (last: string) => writeJobMessage({ tenantId: demoTenant, binaryId: sampleBinaryId(last) });
let jobs: InMemoryJobStore;
let logger: RecordedLog;
let dependencies: WorkerDependencies;

beforeEach(async () => {
  const clock = createManualClock();
  jobs = createInMemoryJobStore();
  logger = createRecordedLog();
  dependencies = {
    jobs,
    logger,
    clock,
    timers: createManualTimers(clock),
    ids: createCountedIds(),
    content: createInMemoryContent(),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(sampleTenant()),
    dataSets: dataSetInMemory('2026-04-01T00:00:00Z', []),
    rules: { lease: 60_000, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000 },
  };
  for (const last of ['1', '2']) await jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId(last) }));
});

describe('createWorkerHandler', () => {
  test('A14: each message of a batch has its own outcome: one for a job that is not there goes back alone', async () => {
    const Records = [
      record('a', messageFor('1')),
      record('b', 'rubbish'),
      record('c', messageFor('f')),
      record('d', messageFor('2')),
    ];
    const { batchItemFailures } = await createWorkerHandler(dependencies)({ Records }, context);
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }]);
    expect(jobs.all().map(({ status }) => status)).toEqual(['DONE', 'DONE']);
  });
  test('a body that is no message is told without the body', async () => {
    await createWorkerHandler(dependencies)({ Records: [record('b', 'planted-secret')] }, context);
    expect(logger.of('MESSAGE_UNUSABLE')).toEqual([{ messageId: 'b', reason: 'not-a-job' }]);
  });
  test('a store that does not answer sends the message back to the queue and stops no other', async () => {
    let calls = 0;
    const claim: InMemoryJobStore['claim'] = (...call) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('planted-secret')) : jobs.claim(...call);
    };
    const Records = [record('a', messageFor('1')), record('b', messageFor('2'))];
    const answer = await createWorkerHandler({ ...dependencies, jobs: { ...jobs, claim } })({ Records }, context);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] });
    expect(jobs.all().map(({ status }) => status)).toEqual(['QUEUED', 'DONE']);
    expect(JSON.stringify(logger.entries)).not.toContain('planted-secret');
  });
});
