import { beforeEach, describe, expect, test } from 'vitest';
import { type AuditorDependencies, createAuditorHandler } from '../../functions/auditor/create-auditor-handler.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentKey, describeStoredVersion, placeholder } from '../../functions/binaries/binary.ts';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createInMemoryContent, type InMemoryContent } from '../support/in-memory-content.ts';
import { createInMemoryJobStore, type InMemoryJobStore } from '../support/in-memory-job-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog, type RecordedLog } from '../support/recorded-log.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const clock = createManualClock();
const context = { getRemainingTimeInMillis: () => 600_000 };
let jobs: InMemoryJobStore;
let content: InMemoryContent;
let logger: RecordedLog;
let dependencies: AuditorDependencies;

beforeEach(() => {
  jobs = createInMemoryJobStore();
  content = createInMemoryContent();
  logger = createRecordedLog();
  dependencies = {
    sample: {
      async *records() {
        for (const job of jobs.all()) yield { key: `${job.tenantId}#${job.binaryId}`, job };
      },
    },
    jobs,
    openJobs: jobs,
    content,
    inventory: content,
    clock,
    ids: randomIds,
    logger,
    rules: { sampledRecords: 100, sampledBinaries: 100, orphanAge: 2 * day, retention: 90 * day },
  };
});

const audit = (own: Partial<AuditorDependencies> = {}, left = context) =>
  createAuditorHandler({ ...dependencies, ...own })({}, left);
const kinds = () => logger.of('AUDIT_FINDING').map(({ kind }) => kind);

/** A job that was ordered some days ago and has ended as it should, its first version stored. */
const place = async (days: number, own: Partial<Job> = {}): Promise<Job> => {
  const created = clock.now() - days * day;
  const binaryId = randomIds.sortableUuid(created);
  const key = contentKey(demoTenant, binaryId, 1, 'a');
  const version = { ...placeholder, versionId: 1, lastUpdated: created, writer: 'a' };
  const times = { created, deadline: created + 15 * minute, expires: created + 90 * day };
  const job = sampleJob({
    binaryId,
    status: 'DONE',
    ...times,
    versions: [describeStoredVersion(version, key)],
    ...own,
  });
  const { due: _due, ...ended } = job;
  await jobs.place(demoTenant, own.due === undefined ? ended : job);
  await content.put(demoTenant, { key, ...placeholder });
  return job;
};
const keyOf = (job: Job) => contentKey(demoTenant, job.binaryId, 1, 'a');
const completed = () => logger.of('AUDIT_COMPLETED')[0];

describe('the auditor', () => {
  test('I3: finds nothing where everything is as it must be, and says how much it looked at', async () => {
    const job = await place(1);
    await place(2, { versions: [describeFailedVersion(job, { code: 'JOB_FAULT', cause: 'x' }, 'w', 0)] });
    await audit();
    expect(kinds()).toEqual([]);
    expect(completed()).toMatchObject({ records: 2, versions: 2, binaries: 2, findings: 0, isCutShort: false });
    expect(completed()?.['bytes']).toBeGreaterThan(placeholder.bytes.length);
  });

  test('I3: finds a version whose bytes are gone, and one whose bytes are others', async () => {
    const [gone, changed] = [await place(1), await place(2)];
    await content.remove(demoTenant, [keyOf(gone), keyOf(changed)]);
    await content.put(demoTenant, { ...placeholder, key: keyOf(changed), bytes: Buffer.from('*NOT GENERATED YES*') });
    await audit();
    const told = { tenant: 'demo', versionId: 1 };
    expect(logger.of('AUDIT_FINDING')).toEqual(
      expect.arrayContaining([
        { ...told, kind: 'bytes-missing', binaryId: gone.binaryId, jobId: gone.jobId },
        { ...told, kind: 'bytes-differ', binaryId: changed.binaryId, jobId: changed.jobId },
      ]),
    );
    expect(completed()).toMatchObject({ findings: 2 });
  });

  test('does not miss bytes past their retention, which the bucket removes', async () => {
    await content.remove(demoTenant, [keyOf(await place(91))]);
    await audit();
    expect(kinds()).toEqual([]);
  });

  test('does not miss bytes that a retention which was shortened since the order has the bucket remove', async () => {
    const shortened = { rules: { ...dependencies.rules, retention: 30 * day } };
    await content.remove(demoTenant, [keyOf(await place(30))]);
    await audit(shortened);
    expect(kinds()).toEqual([]);
    await content.remove(demoTenant, [keyOf(await place(29))]);
    await audit(shortened);
    expect(kinds()).toEqual(['bytes-missing']);
  });

  test('I3: believes no record that was changed meanwhile: what looks wrong is looked at again', async () => {
    const job = await place(1);
    await content.remove(demoTenant, [keyOf(job)]);
    const { versions: _versions, ...rest } = job;
    await audit({ jobs: { read: async () => ({ ...rest, versions: [] }) } });
    expect(kinds()).toEqual([]);
    await audit({ jobs: { read: async () => undefined } });
    expect(kinds()).toEqual([]);
  });

  test('I1: finds a job that is open a quarter of an hour after its deadline, in the index or not, and says so once', async () => {
    const open = { status: 'RUNNING', deadline: clock.now() - 15 * minute } as const;
    const indexed = await place(0.1, { ...open, due: clock.now() - 20 * minute });
    const lost = await place(0.1, open);
    await place(0.1, { ...open, deadline: open.deadline + 1 });
    await audit();
    const found = logger.of('AUDIT_FINDING');
    expect(found.map(({ kind, binaryId }) => [kind, binaryId]).sort()).toEqual(
      [indexed, lost].map(({ binaryId }) => ['job-overdue', binaryId]).sort(),
    );
  });

  test('I1, I12: believes no entry of the index that is late: what looks overdue is looked at again', async () => {
    const open = await place(0.1, { status: 'RUNNING', deadline: clock.now() - 15 * minute });
    const ended = await place(0.1);
    const deleted = await place(1, { versions: [], deletedAt: clock.now() - minute, erasedAt: clock.now() });
    const late: readonly Job[] = [
      { ...ended, status: 'RUNNING', deadline: clock.now() - 15 * minute, due: 0 },
      { ...deleted, due: 0 },
      await place(0.1, { status: 'RUNNING', deadline: clock.now() - 15 * minute, due: 0, userId: 'gone' }),
      { ...open, due: 0 },
    ];
    const read: typeof jobs.read = async (tenantId, binaryId) =>
      binaryId === late[2]?.binaryId ? undefined : jobs.read(tenantId, binaryId);
    await audit({ openJobs: { findDue: async () => late }, jobs: { read }, sample: { async *records() {} } });
    expect(logger.of('AUDIT_FINDING')).toMatchObject([{ kind: 'job-overdue', binaryId: open.binaryId }]);
  });

  test('I12: finds bytes of a Binary that was deleted a day ago and swept, and a sweep that is overdue', async () => {
    const deletedAt = clock.now() - day;
    const erased = { versions: [], erasedAt: deletedAt };
    const left = await place(3, { ...erased, deletedAt });
    await place(3, { ...erased, deletedAt: deletedAt + 1 });
    const unswept = await place(3, { ...erased, deletedAt, due: clock.now() - 15 * minute });
    await audit();
    expect(logger.of('AUDIT_FINDING').map(({ kind, binaryId }) => [kind, binaryId])).toEqual([
      ['sweep-overdue', unswept.binaryId],
      ['bytes-left', left.binaryId],
    ]);
  });

  test('A2: counts what no record names, once the cleaner must have been there, and no earlier', async () => {
    const orphan = async (days: number, bytes: number) => {
      const key = contentKey(demoTenant, randomIds.sortableUuid(clock.now() - days * day), 1, 'x');
      await content.put(demoTenant, { ...placeholder, key, bytes: new Uint8Array(bytes) });
    };
    await orphan(5, 1000);
    await orphan(3.9, 500);
    const ended = await place(6);
    const attempt = contentKey(demoTenant, ended.binaryId, 2, 'lost');
    await content.put(demoTenant, { ...placeholder, key: attempt, bytes: new Uint8Array(200) });
    const running = await place(6, { status: 'QUEUED', deadline: clock.now() + minute });
    await content.put(demoTenant, { ...placeholder, key: contentKey(demoTenant, running.binaryId, 2, 'now') });
    await audit();
    expect(completed()).toMatchObject({ orphans: 2, orphanBytes: 1200, findings: 0 });
  });

  test('A14: tells a record that it cannot read by its tenant and Binary', async () => {
    const binaryId = randomIds.sortableUuid(clock.now());
    const unreadable = {
      async *records() {
        yield { key: `demo#${binaryId}`, job: undefined };
      },
    };
    await audit({ sample: unreadable });
    expect(logger.of('AUDIT_FINDING')).toEqual([{ kind: 'record-unreadable', tenant: 'demo', binaryId }]);
  });

  test('changes nothing', async () => {
    await place(5, { status: 'RUNNING', due: 0 });
    await content.put(demoTenant, { ...placeholder, key: contentKey(demoTenant, randomIds.sortableUuid(0), 1, 'x') });
    const before = [jobs.all(), [...content.objects]];
    await audit();
    expect([jobs.all(), [...content.objects]]).toEqual(before);
  });
});

describe('a run', () => {
  test('looks at no more than it may: of one tenant a quarter of all', async () => {
    for (let days = 1; days <= 9; days += 1) await place(days);
    await audit({ rules: { ...dependencies.rules, sampledBinaries: 8 } });
    expect(completed()).toMatchObject({ binaries: 2 });
  });

  test('comes by every tenant in some nights, however much the first ones have', async () => {
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(restoreTenantId);
    const lists: string[] = [];
    const looked = new Set<string>();
    const inventory: AuditorDependencies['inventory'] = {
      async *tenants() {
        yield* tenants;
      },
      async *binaries(tenantId, { from }) {
        lists.push(tenantId);
        for (let n = 0; n < 10; n += 1) yield { binaryId: randomIds.sortableUuid(from), keys: ['x'], sizes: [1] };
      },
    };
    const read: typeof jobs.read = async (tenantId) => {
      looked.add(tenantId);
      return undefined;
    };
    const rules = { ...dependencies.rules, sampledBinaries: 8 };
    const ids = createCountedIds();
    for (let night = 0; night < 20; night += 1) await audit({ inventory, ids, jobs: { read }, rules });
    expect([...looked].sort()).toEqual(tenants);
    expect(logger.of('AUDIT_COMPLETED').every((one) => one['binaries'] === 8)).toBe(true);
    // A tenant with enough is asked once, and none once the sample is full.
    expect(lists).toHaveLength(20 * 4);
  });

  test('begins with no further tenant when its time is over', async () => {
    let lists = 0;
    const own = createManualClock();
    const inventory: AuditorDependencies['inventory'] = {
      async *tenants() {
        yield* ['a', 'b', 'c'].map(restoreTenantId);
      },
      binaries(...asked) {
        lists += 1;
        own.advance(300_000);
        return content.binaries(...asked);
      },
    };
    await audit({ inventory, clock: own });
    expect(lists).toBe(2);
    expect(completed()).toMatchObject({ isCutShort: true });
  });

  test('comes by every Binary, wherever it begins', async () => {
    for (const days of [1, 40, 89]) await place(days);
    for (let run = 0; run < 5; run += 1) await audit();
    expect(logger.of('AUDIT_COMPLETED').map((one) => one['binaries'])).toEqual([3, 3, 3, 3, 3]);
  });

  test('ends half a minute before the function is stopped, and says that it is cut short', async () => {
    await place(1);
    await audit({}, { getRemainingTimeInMillis: () => 30_000 });
    expect(completed()).toMatchObject({ records: 0, binaries: 0, isCutShort: true });
  });

  test('tells a hundred findings at most, and counts them all', async () => {
    const deletedAt = clock.now() - 2 * day;
    for (let at = 0; at < 120; at += 1) await place(3, { versions: [], deletedAt, due: 0 });
    await audit();
    expect(kinds()).toHaveLength(100);
    expect(completed()).toMatchObject({ findings: 120 });
  });

  test.each([
    ['openJobs', { openJobs: { findDue: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) } }],
    ['content', { content: { get: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) } }],
    ['jobs', { jobs: { read: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) } }],
  ] as const)('A38: that %s does not answer fails, and takes nothing for missing', async (_name, own) => {
    await place(1);
    await expect(audit(own)).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
    expect(kinds()).toEqual([]);
    expect(completed()).toBeUndefined();
  });
});
