import { contentKey, describeStoredVersion, reportContentType } from '../../functions/binaries/binary.ts';
import { describeFailedVersion } from '../../functions/jobs/failed-version.ts';
import type { Job } from '../../functions/jobs/job.ts';
import type { JobStore, Transition } from '../../functions/jobs/job-store.ts';
import { demoTenant, sampleJob, sampleTime } from './sample-job.ts';

/** One transition of a job: what there is before it, the transition itself, and what is in the record once it was applied. */
export interface SampleTransition {
  readonly name: string;
  given(store: JobStore): Promise<Job | undefined>;
  /** @param seen what `given` left; for `place` the job to be placed */
  write(store: JobStore, seen: Job): Promise<Transition>;
  readonly record: Partial<Job>;
}

const job = sampleJob();
const { binaryId } = job;
const releaseAt = sampleTime + 3_600_000;
const due = sampleTime + 120_000;
const ended = sampleTime + 5000;
const reopening = { reopened: sampleTime + 9000, deadline: sampleTime + 3_600_000, due: sampleTime + 60_000 };
const removal = { deletedAt: ended, due };
const failure = { code: 'DATA_SET_MALFORMED', cause: 'a.ndjson line 3: not JSON' } as const;
const version = describeStoredVersion(
  { versionId: 2, contentType: reportContentType, bytes: new Uint8Array(3), lastUpdated: ended, writer: 'a' },
  contentKey(demoTenant, binaryId, 2, 'a'),
);
const billed = { milliseconds: 5000, gigabyteSeconds: 8.638 };
const failing = (writer: string) => ({ failure, ended, version: describeFailedVersion(job, failure, writer, ended) });

/** A claim of the sample job at the sample time. */
export const sampleClaim = (token: string) => ({
  lease: { token, until: sampleTime + 60_000 },
  now: sampleTime,
  maxAttempts: 4,
  deadlineMargin: 90_000,
});

const place = async (store: JobStore, own: Partial<Job> = {}): Promise<Job> => {
  const placed = sampleJob(own);
  await store.place(demoTenant, placed);
  return placed;
};
const claimed = async (store: JobStore): Promise<Job | undefined> => {
  await place(store);
  return (await store.claim(demoTenant, binaryId, sampleClaim('a'))).job;
};
const failed = async (store: JobStore): Promise<Job | undefined> => {
  await claimed(store);
  return (await store.fail(demoTenant, binaryId, { by: 'worker', token: 'a' }, failing('a'))).job;
};

/** Every transition, each from a state in which it can be applied. */
export const sampleTransitions: readonly SampleTransition[] = [
  {
    name: 'place',
    given: async () => undefined,
    write: (store, seen) => store.place(demoTenant, seen),
    record: { status: 'QUEUED', versions: job.versions },
  },
  {
    name: 'claim',
    given: place,
    write: (store) => store.claim(demoTenant, binaryId, sampleClaim('a')),
    record: { status: 'RUNNING', attempts: 1, lease: sampleClaim('a').lease },
  },
  {
    name: 'renew',
    given: claimed,
    write: (store) => store.renew(demoTenant, binaryId, { lease: { token: 'a', until: due }, due }),
    record: { status: 'RUNNING', attempts: 1, lease: { token: 'a', until: due }, due },
  },
  {
    name: 'complete',
    given: claimed,
    write: (store) => store.complete(demoTenant, binaryId, 'a', { version, ended, billed }),
    record: { status: 'DONE', billed, versions: [...job.versions, version] },
  },
  {
    name: 'fail by the worker',
    given: claimed,
    write: (store) => store.fail(demoTenant, binaryId, { by: 'worker', token: 'a' }, { ...failing('a'), billed }),
    record: { status: 'FAILED', billed, versions: [...job.versions, failing('a').version] },
  },
  {
    name: 'fail by the dispatcher',
    given: claimed,
    write: (store, seen) => store.fail(demoTenant, binaryId, { by: 'dispatcher', seen }, failing('tick')),
    record: { status: 'FAILED', versions: [...job.versions, failing('tick').version] },
  },
  {
    name: 'remove',
    given: claimed,
    write: (store, seen) => store.remove(demoTenant, seen, removal),
    record: { status: 'CANCELLED', versions: [], ...removal },
  },
  {
    name: 'markErased',
    given: async (store) => (await store.remove(demoTenant, await place(store), removal)).job,
    write: (store) => store.markErased(demoTenant, binaryId, { erasedAt: ended, swept: true }),
    record: { erasedAt: ended },
  },
  {
    name: 'relinquish',
    given: claimed,
    write: (store) => store.relinquish(demoTenant, binaryId, 'a', { due, attempts: 1, billed }),
    record: { status: 'QUEUED', attempts: 1, due, billed },
  },
  {
    name: 'relinquish uncounted',
    given: claimed,
    write: (store) => store.relinquish(demoTenant, binaryId, 'a', { due, attempts: 0 }),
    record: { status: 'QUEUED', attempts: 0, due },
  },
  {
    name: 'release',
    given: (store) => place(store, { mode: 'schedule', releaseAt, due: releaseAt, deadline: releaseAt + 7_200_000 }),
    write: (store, seen) => store.release(demoTenant, seen, due),
    record: { status: 'QUEUED', due },
  },
  {
    name: 'release without the import of its night',
    given: (store) => place(store, { mode: 'schedule', releaseAt, due: releaseAt, deadline: releaseAt + 7_200_000 }),
    write: (store, seen) => store.release(demoTenant, seen, due, { outcome: 'late', begun: sampleTime }),
    record: { status: 'QUEUED', due, nightImport: { outcome: 'late', begun: sampleTime } },
  },
  {
    name: 'postpone',
    given: (store) => place(store, { mode: 'schedule', releaseAt, due: releaseAt, deadline: releaseAt + 7_200_000 }),
    write: (store, seen) => store.postpone(demoTenant, seen, due),
    record: { status: 'QUEUED', due, releaseAt: due },
  },
  {
    name: 'redrive',
    given: claimed,
    write: (store, seen) => store.redrive(demoTenant, seen, due),
    record: { status: 'QUEUED', redrives: 1, due },
  },
  {
    name: 'reopen',
    given: failed,
    write: (store, seen) => store.reopen(demoTenant, seen, reopening),
    record: { status: 'QUEUED', attempts: 0, versions: [...job.versions, failing('a').version], ...reopening },
  },
];
