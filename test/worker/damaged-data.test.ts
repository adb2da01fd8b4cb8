import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import { defaultLimits } from '../../functions/episodes/data-set-limits.ts';
import { parseManifest } from '../../functions/episodes/manifest.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent } from '../support/in-memory-content.ts';
import { dataSetInMemory, type FileFacts, fileInMemory } from '../support/in-memory-data-set.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createInMemoryReportPace } from '../support/in-memory-report-pace.ts';
import { createInMemorySummaries } from '../support/in-memory-summaries.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/data-sets/${name}`, import.meta.url));
/** A data set of one file, whose manifest says that it has three lines unless told otherwise. */
const dataSetOf = (content: Uint8Array, facts: FileFacts = { count: 3 }): DataSetSource =>
  dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', content, facts)]);

const job = sampleJob();
let jobs: InMemoryJobStore;
let logger: RecordedLog;
let clock: ManualClock;
beforeEach(async () => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  logger = createRecordedLog();
  await jobs.place(demoTenant, job);
});

/** What a job over this data set ends with. */
const run = async (dataSets: DataSetSource): Promise<Job> => {
  const worker = {
    jobs,
    logger,
    clock,
    dataSets,
    content: createInMemoryContent(),
    pace: createInMemoryReportPace(),
    summaries: createInMemorySummaries(),
    tenants: registryOf(sampleTenant()),
    timers: createManualTimers(clock),
    ids: createCountedIds(),
    rules: { lease: 60_000, maxAttempts: 4, deadlineMargin: 90_000, retryAfter: 15_000 },
  };
  await processJob(worker, { tenantId: demoTenant, binaryId: job.binaryId }, 300_000);
  return jobs.all()[0] as Job;
};
const outcomeOf = ({ versions }: Job): string => {
  const content = versions[1]?.content;
  return content?.kind === 'inline' ? Buffer.from(content.base64, 'base64').toString() : '';
};
/** Ends with the first attempt, with this issue and cause, and shows nothing of a patient. */
const expectFailed = (ended: Job, issue: string, cause: RegExp) => {
  expect(ended).toMatchObject({ status: 'FAILED', attempts: 1 });
  const outcome = outcomeOf(ended);
  expect(JSON.parse(outcome)).toMatchObject({
    issue: [{ code: issue, details: { text: expect.stringMatching(cause) } }],
  });
  expect(outcome + JSON.stringify(logger.entries)).not.toContain('planted');
};

describe('a file that is whole', () => {
  test.each([
    ['A41', 'whole.ndjson', 3],
    ['A41', 'no-last-line-break.ndjson', 3],
    ['A41', 'empty.ndjson', 0],
    ['A42', 'whole.ndjson.gz', 3],
    ['A42', 'members.ndjson.gz', 3],
    ['A42', 'empty.ndjson.gz', 0],
  ])('%s: %s makes a report of %i episodes', async (_row, name, episodes) => {
    const ended = await run(dataSetOf(fixture(name), { count: episodes }));
    expect(ended).toMatchObject({ status: 'DONE', attempts: 1 });
    expect(logger.of('JOB_DONE')).toMatchObject([{ episodes }]);
  });
});

describe('a file that is not', () => {
  test.each<[string, string, string, RegExp]>([
    ['A41', 'cut-in-a-line.ndjson', 'incomplete', /^.*a\.ndjson/],
    ['A41', 'cut-between-lines.ndjson', 'incomplete', /a\.ndjson: 2 lines, while the manifest gives a count of 3/],
    ['A41', 'empty.ndjson', 'incomplete', /a\.ndjson: 0 lines, while the manifest gives a count of 3/],
    ['A42', 'bad-checksum.ndjson.gz', 'incomplete', /a\.ndjson: the gzip stream is cut off or damaged/],
    ['A42', 'cut.ndjson.gz', 'incomplete', /a\.ndjson: the gzip stream is cut off or damaged/],
    ['A42', 'text-after-it.ndjson.gz', 'incomplete', /a\.ndjson: the gzip stream is cut off or damaged/],
    ['A42', 'bomb.ndjson.gz', 'too-costly', /a\.ndjson line 1: longer than/],
    ['A44', 'not-json.ndjson', 'invalid', /a\.ndjson line 2: .*lines rejected: 1, tolerated: 0/],
    ['A44', 'wrong-type.ndjson', 'invalid', /a\.ndjson line 2: .*lines rejected: 1, tolerated: 0/],
    ['A44', 'duplicate.ndjson', 'invalid', /a\.ndjson line 2: id of an earlier line; lines rejected: 1, tolerated: 0/],
    ['A44', 'not-utf-8.ndjson', 'invalid', /a\.ndjson line 2: .*lines rejected: 1, tolerated: 0/],
  ])('%s: %s fails the job as %s, with file and line and no patient (I9, I10)', async (_row, name, issue, cause) => {
    expectFailed(await run(dataSetOf(fixture(name))), issue, cause);
  });
  test('A44: with a line of 50 MB fails the job as too large', async () => {
    const long = Buffer.concat([Buffer.from('{"planted":"'), Buffer.alloc(50_000_000, 'x')]);
    expectFailed(await run(dataSetOf(long)), 'too-costly', /a\.ndjson line 1: longer than/);
  });
});

test('A40: a file that is replaced while it is read fails the attempt; the next one reads the new one from its beginning', async () => {
  const whole = fileInMemory('a.ndjson', fixture('whole.ndjson'), { count: 3 });
  const replaced = {
    ...whole,
    async *read() {
      yield fixture('whole.ndjson').subarray(0, 200);
      throw new ServiceError('DATA_SET_CHANGED', { cause: 'a.ndjson: replaced since the data set was opened' });
    },
  };
  const ended = await run(dataSetInMemory('2026-04-01T00:00:00Z', [replaced]));
  expect(ended).toMatchObject({ status: 'QUEUED', attempts: 1, versions: [{ versionId: 1 }] });
  clock.advance((ended.due ?? 0) - clock.now());
  expect(await run(dataSetOf(fixture('whole.ndjson')))).toMatchObject({ status: 'DONE', attempts: 2 });
  expect(logger.of('JOB_DONE')).toMatchObject([{ episodes: 3 }]);
});

describe('a manifest', () => {
  const openWith = (name: string): DataSetSource => ({
    openCurrent: async () => {
      const { transactionTime, files } = parseManifest(fixture(name), defaultLimits);
      const stored = files.map((file) => fileInMemory(file.name, fixture(file.name), file));
      return dataSetInMemory(transactionTime, stored).current;
    },
  });
  test.each([
    ['manifest-bulk-data-3.json', /^.*outputOrganizedBy/],
    ['manifest-fhir-5.json', /^.*only files of FHIR 4\.0 are read/],
  ])('A45: %s, of a later format, fails the job as not supported', async (name, cause) => {
    expectFailed(await run(openWith(name)), 'not-supported', cause);
  });
  test('A45: that says FHIR 4.0.1 is read', async () => {
    expect(await run(openWith('manifest-fhir-4.json'))).toMatchObject({ status: 'DONE' });
  });
});
