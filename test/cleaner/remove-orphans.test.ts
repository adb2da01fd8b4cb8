import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentKey, describeStoredVersion, placeholder } from '../../functions/binaries/binary.ts';
import { type CleaningDependencies, removeOrphans } from '../../functions/cleaner/remove-orphans.ts';
import type { Job, JobStatus } from '../../functions/jobs/job.ts';
import { leastSortableUuid, randomIds } from '../../functions/platform/ids.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime, storedPlaceholder } from '../support/sample-job.ts';

const hour = 60 * 60_000;
const window = { from: sampleTime - hour, to: sampleTime + hour };
const later = Number.POSITIVE_INFINITY;

let clock: ManualClock;
let jobs: InMemoryJobStore;
let content: InMemoryContent;
let logger: RecordedLog;
let dependencies: CleaningDependencies;

beforeEach(() => {
  clock = createManualClock();
  jobs = createInMemoryJobStore();
  content = createInMemoryContent();
  logger = createRecordedLog();
  dependencies = { inventory: content, jobs, clock, ids: createCountedIds(), logger };
});

const idAt = (millis: number) => randomIds.sortableUuid(millis);
const clean = (own: Partial<CleaningDependencies> = {}) => removeOrphans({ ...dependencies, ...own }, window, later);
const store = async (key: string) => {
  await content.put(demoTenant, { key, contentType: placeholder.contentType, bytes: placeholder.bytes });
  return key;
};
const versionAt = (job: Pick<Job, 'tenantId' | 'binaryId'>, versionId: number, writer: string) =>
  describeStoredVersion(
    { ...placeholder, versionId, lastUpdated: sampleTime, writer },
    contentKey(job.tenantId, job.binaryId, versionId, writer),
  );

/** A job with the bytes of its versions: the placeholder, and as many reports as there are writers. */
const place = async (status: JobStatus, writers: readonly string[] = [], own: Partial<Job> = {}) => {
  const first = sampleJob({ binaryId: idAt(sampleTime), status, ...own });
  const versions = [...first.versions, ...writers.map((writer, index) => versionAt(first, index + 2, writer))];
  const job = { ...first, versions: own.versions ?? versions };
  await jobs.place(job.tenantId, job);
  for (const { content: location } of versions) if (location.kind === 'stored') await store(location.key);
  return job;
};
const keysOf = (job: Job) =>
  job.versions.flatMap(({ content: location }) => (location.kind === 'stored' ? [location.key] : []));
const keys = () => [...content.objects.keys()].sort();

describe('a run', () => {
  test('A2: leaves the bytes alone that an order of an earlier version stored and never recorded, and tells nobody', async () => {
    await place('DONE', ['a']);
    await store(contentKey(demoTenant, idAt(sampleTime), 1, 'never-recorded'));
    const before = keys();
    expect(await clean()).toEqual({ binaries: 2, unnamed: 0, unrecorded: 1, lost: 0, open: 0, unreadable: 0 });
    expect(keys()).toEqual(before);
    expect([logger.of('ORPHANS_REMOVED'), logger.of('ORPHANS_DOUBTED')]).toEqual([[], []]);
  });

  test('A2: removes the bytes that such an order stored and that was placed by its repetition', async () => {
    const job = await place('DONE', ['a']);
    await store(contentKey(demoTenant, job.binaryId, 1, job.jobId));
    expect(await clean()).toMatchObject({ unnamed: 1 });
    expect(keys()).toEqual(keysOf(job));
    expect(logger.of('ORPHANS_REMOVED')).toEqual([{ tenant: 'demo', binaryId: job.binaryId, objects: 1 }]);
  });

  test('A55: leaves version 1 of an order of an earlier version alone, whose record names its bytes', async () => {
    const binaryId = idAt(sampleTime);
    const of = sampleJob({ binaryId });
    const job = await place('DONE', [], { binaryId, versions: [storedPlaceholder(of), versionAt(of, 2, 'a')] });
    await store(contentKey(demoTenant, binaryId, 2, 'lost'));
    expect(await clean()).toMatchObject({ unnamed: 1 });
    expect(keys()).toEqual(keysOf(job).sort());
  });

  test.each<JobStatus>(['DONE', 'FAILED'])(
    'A25, A31: removes the bytes of lost attempts of a job that is %s, and no version',
    async (status) => {
      const job = await place(status, ['winner']);
      await store(contentKey(demoTenant, job.binaryId, 2, 'killed'));
      await store(contentKey(demoTenant, job.binaryId, 2, 'zombie'));
      expect(await clean()).toMatchObject({ binaries: 1, unnamed: 2 });
      expect(keys()).toEqual(keysOf(job).sort());
    },
  );

  test('removes what is left of a deleted Binary, whose record names nothing (I12)', async () => {
    const { binaryId } = await place('CANCELLED', [], { versions: [], deletedAt: sampleTime });
    for (const version of [1, 2]) await store(contentKey(demoTenant, binaryId, version, 'late'));
    expect(await clean()).toMatchObject({ unnamed: 2 });
    expect(keys()).toEqual([]);
  });

  test.each<JobStatus>(['QUEUED', 'RUNNING'])('leaves everything of a job alone that is %s', async (status) => {
    const job = await place(status);
    await store(contentKey(demoTenant, job.binaryId, 2, 'under-way'));
    expect(await clean()).toMatchObject({ unnamed: 0, open: 1 });
    expect(keys()).toHaveLength(1);
  });

  test('A55: leaves a job alone whose status only a later version of the service knows', async () => {
    const job = await place('PAUSED' as JobStatus);
    await store(contentKey(demoTenant, job.binaryId, 2, 'under-way'));
    expect(await clean()).toMatchObject({ unnamed: 0, open: 1 });
  });

  test('leaves alone what was ordered before or after its window', async () => {
    const outside = [idAt(window.from - 1), idAt(window.to), idAt(window.to + hour)];
    for (const binaryId of [...outside, idAt(window.from)]) {
      await place('DONE', [], { binaryId });
      await store(contentKey(demoTenant, binaryId, 2, 'lost'));
    }
    expect(await clean()).toMatchObject({ binaries: 1, unnamed: 1 });
    expect(keys()).toHaveLength(outside.length);
  });

  test('looks at every tenant, and takes no record of one for that of another', async () => {
    const other = restoreTenantId('other');
    const job = await place('DONE', ['a']);
    const others = await store(contentKey(other, job.binaryId, 2, 'b'));
    expect(await clean()).toMatchObject({ binaries: 2, unnamed: 0, unrecorded: 1 });
    expect(keys()).toEqual([...keysOf(job), others].sort());
  });

  test('tells of a record that it cannot read, leaves its bytes alone and goes on', async () => {
    const broken = await place('DONE', ['a']);
    const other = await place('DONE');
    await store(contentKey(demoTenant, other.binaryId, 2, 'lost'));
    const read: typeof jobs.read = (tenantId, binaryId) =>
      binaryId === broken.binaryId ? Promise.reject(new TypeError('damaged')) : jobs.read(tenantId, binaryId);
    expect(await clean({ jobs: { read } })).toMatchObject({ binaries: 2, unnamed: 1, unreadable: 1 });
    expect(keys()).toEqual([...keysOf(broken), ...keysOf(other)].sort());
    expect(logger.of('JOB_ITEM_UNREADABLE')).toMatchObject([
      { key: `demo#${broken.binaryId}`, errorName: 'TypeError' },
    ]);
  });

  test('A8: removes nothing whose record it could not ask for, and fails', async () => {
    await store(contentKey(demoTenant, idAt(sampleTime), 1, 'x'));
    const down = new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
    await expect(clean({ jobs: { read: () => Promise.reject(down) } })).rejects.toBe(down);
    expect(keys()).toHaveLength(1);
  });

  test('I3: removes nothing without a record, and tells it where a report has none: a report is never stored before its record', async () => {
    const job = await place('DONE', ['a']);
    const report = await store(contentKey(demoTenant, idAt(sampleTime), 2, 'token'));
    const order = await store(contentKey(demoTenant, idAt(sampleTime), 1, 'x'));
    await store(contentKey(demoTenant, job.binaryId, 2, 'lost'));
    expect(await clean()).toMatchObject({ unnamed: 1, unrecorded: 2, lost: 1 });
    expect(keys()).toEqual([...keysOf(job), report, order].sort());
    expect(logger.of('ORPHANS_DOUBTED')).toEqual([{ binaries: 3, unrecorded: 2, lost: 1 }]);
  });

  test.each([2, 3, 10, 11])('I3: tells of a single version %i without a record', async (version) => {
    await store(contentKey(demoTenant, idAt(sampleTime), version, 'x'));
    expect(await clean()).toMatchObject({ unrecorded: 1, lost: 1 });
    expect(keys()).toHaveLength(1);
  });

  test('stops when its time is over and says so', async () => {
    for (let n = 0; n < 100; n += 1) await place('DONE', ['a']);
    const read: typeof jobs.read = (...asked) => {
      clock.advance(1000);
      return jobs.read(...asked);
    };
    const stopAt = clock.now() + 40_000;
    const { binaries } = await removeOrphans({ ...dependencies, jobs: { read } }, window, stopAt);
    expect(binaries).toBeGreaterThanOrEqual(40);
    expect(binaries).toBeLessThan(60);
    expect(logger.of('CLEANING_CUT_SHORT')).toEqual([{ binaries }]);
  });
});

test('runs that are all cut short come by every tenant, however much one of them has (I8)', async () => {
  const tenants = ['a', 'b', 'c', 'd'].map(restoreTenantId);
  for (const tenantId of tenants) {
    for (let n = 0; n < 100; n += 1)
      await content.put(tenantId, { ...placeholder, key: contentKey(tenantId, idAt(sampleTime), 2, 'x') });
  }
  const looked = new Set<string>();
  const read: typeof jobs.read = async (tenantId) => {
    looked.add(tenantId);
    clock.advance(1000);
    return undefined;
  };
  for (let run = 0; run < 20; run += 1) {
    await removeOrphans({ ...dependencies, jobs: { read } }, window, clock.now() + 10_000);
  }
  expect([...looked].sort()).toEqual(tenants);
});

test('I3: a job that is reopened and finished between the look and the removal keeps the bytes of its new version', async () => {
  const job = await place('FAILED');
  const lost = await store(contentKey(demoTenant, job.binaryId, 2, 'lost'));
  const next = contentKey(demoTenant, job.binaryId, 3, 'new-attempt');
  const read: typeof jobs.read = async (...asked) => {
    const seen = await jobs.read(...asked);
    await store(next);
    return seen;
  };
  await clean({ jobs: { read } });
  expect(keys()).toEqual([...keysOf(job), next].sort());
  expect(content.objects.has(lost)).toBe(false);
});

test('I3, I8: whatever is stored and recorded, no named byte and none of an open or a missing job is removed, and every other is', async () => {
  const statuses: readonly JobStatus[] = ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'];
  const binary = fc.record({
    tenant: fc.constantFrom(demoTenant, restoreTenantId('other')),
    status: fc.option(fc.constantFrom(...statuses), { nil: undefined }),
    minutes: fc.integer({ min: -90, max: 90 }),
    writers: fc.subarray(['a', 'b']),
    lost: fc.subarray(['c', 'd', 'e']),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(binary, { maxLength: 12 }), async (binaries) => {
      jobs = createInMemoryJobStore();
      content = createInMemoryContent();
      const expected: string[] = [];
      for (const [index, { tenant, status, minutes, writers, lost }] of binaries.entries()) {
        const binaryId = `${leastSortableUuid(sampleTime + minutes * 60_000).slice(0, -12)}${sampleBinaryId(index.toString(16)).slice(-12)}`;
        const orphans = lost.map((attempt) => contentKey(tenant, binaryId, 2, attempt));
        for (const key of orphans) await store(key);
        const isOutside = minutes < -60 || minutes >= 60;
        const stays = isOutside || status === undefined || status === 'QUEUED' || status === 'RUNNING';
        if (stays) expected.push(...orphans);
        if (status !== undefined) {
          expected.push(...keysOf(await place(status, writers, { binaryId, tenantId: tenant })));
        }
      }
      await clean({ inventory: content, jobs });
      expect(keys()).toEqual(expected.sort());
    }),
  );
});
