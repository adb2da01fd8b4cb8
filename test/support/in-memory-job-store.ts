import type { TenantId } from '../../functions/auth/tenant.ts';
import type { BinaryVersion } from '../../functions/binaries/binary.ts';
import { concernsDispatcher, isOpen, type Job, type JobOverview, overviewMembers } from '../../functions/jobs/job.ts';
import { openShards, shardOf, sweepShardOf, sweepShards } from '../../functions/jobs/job-item.ts';
import { type JobList, type JobPosition, toJobPage } from '../../functions/jobs/job-list.ts';
import type { Admission, JobStore, OpenJobIndex, Transition } from '../../functions/jobs/job-store.ts';
import { longestOpen, recentFrom } from '../../functions/jobs/order-tally.ts';
import type { Reservation } from '../../functions/jobs/reservation.ts';

/** The job store's transitions over a Map: the same contract as the table's (`job-store-contract.ts`), without any I/O. */
export interface InMemoryJobStore extends JobStore, JobList, OpenJobIndex {
  /** Every job as it is now. */
  all(): readonly Job[];
}

const isAsSeen = (job: Job, seen: Job): boolean =>
  job.status === seen.status && job.due === seen.due && job.attempts === seen.attempts;

const isUnreleased =
  (seen: Job) =>
  (job: Job): boolean =>
    job.status === 'QUEUED' && job.releaseAt !== undefined && job.releaseAt === seen.releaseAt;

/** A version is never overwritten. */
const hasVersion = (job: Job, { versionId }: BinaryVersion): boolean =>
  job.versions.some((version) => version.versionId === versionId);

const close = ({ lease: _lease, due: _due, pausedUntil: _pausedUntil, ...job }: Job): Job => job;

/** Newest first; the id decides between jobs of the same millisecond. */
const comesBefore = (one: JobPosition, other: JobPosition): boolean =>
  one.created === other.created ? one.binaryId > other.binaryId : one.created > other.created;

const toOverview = (job: Job): JobOverview =>
  Object.fromEntries(
    ['tenantId' as const, ...overviewMembers]
      .filter((name) => job[name] !== undefined)
      .map((name) => [name, job[name]]),
  ) as unknown as JobOverview;

/** The first of a shard that concern the dispatcher, at most `limit`, and what lies between them. */
const firstDue = (shard: readonly Job[], limit: number): readonly Job[] => {
  const last = shard.filter(concernsDispatcher)[limit - 1];
  return last === undefined ? shard : shard.slice(0, shard.indexOf(last) + 1);
};

/** An empty store. */
export const createInMemoryJobStore = (): InMemoryJobStore => {
  const items = new Map<string, Job>();
  const reservations = new Map<string, Reservation>();
  const admitted: (Admission & { readonly tenantId: TenantId })[] = [];
  const keyOf = (tenantId: TenantId, binaryId: string) => `${tenantId}#${binaryId}`;

  const change = (
    tenantId: TenantId,
    binaryId: string,
    allowed: (job: Job) => boolean,
    next: (job: Job) => Job,
  ): Promise<Transition> => {
    const job = items.get(keyOf(tenantId, binaryId));
    if (job === undefined || !allowed(job)) return Promise.resolve({ outcome: 'conflict', job });
    const changed = next(job);
    items.set(keyOf(tenantId, binaryId), changed);
    return Promise.resolve({ outcome: 'applied', job: changed });
  };
  const held = (token: string) => (job: Job) => job.status === 'RUNNING' && job.lease?.token === token;

  return {
    all: () => [...items.values()],
    read: (tenantId, binaryId) => Promise.resolve(items.get(keyOf(tenantId, binaryId))),
    reserve(tenantId, wanted) {
      const there = reservations.get(keyOf(tenantId, wanted.key));
      if (there !== undefined && there.expires > wanted.created) return Promise.resolve(there);
      reservations.set(keyOf(tenantId, wanted.key), wanted);
      return Promise.resolve(wanted);
    },
    findReservation(tenantId, key, now) {
      const there = reservations.get(keyOf(tenantId, key));
      return Promise.resolve(there !== undefined && there.expires > now ? there : undefined);
    },
    admit(tenantId, admission) {
      const { mode, now, limit } = admission;
      const from = recentFrom(now);
      const isOwn = (one: { readonly tenantId: TenantId; readonly mode: string }) =>
        one.tenantId === tenantId && one.mode === mode;
      const open = [...items.values()].filter(
        (job) => isOwn(job) && isOpen(job) && job.created < from && job.created >= now - longestOpen,
      );
      const recent = admitted.filter((one) => isOwn(one) && one.now >= from);
      if (open.length + recent.length >= limit) return Promise.resolve(false);
      admitted.push({ ...admission, tenantId });
      return Promise.resolve(true);
    },
    place(tenantId, job) {
      const there = items.get(keyOf(tenantId, job.binaryId));
      if (there !== undefined) {
        return Promise.resolve({ outcome: there.jobId === job.jobId ? 'applied' : 'conflict', job: there });
      }
      items.set(keyOf(tenantId, job.binaryId), job);
      return Promise.resolve({ outcome: 'applied', job });
    },
    listByUser(tenantId, userId, { limit, after }) {
      const own = [...items.values()]
        .filter((job) => job.tenantId === tenantId && job.userId === userId)
        .filter((job) => after === undefined || comesBefore(after, job))
        .sort((one, other) => (comesBefore(one, other) ? -1 : 1));
      return Promise.resolve(toJobPage(own.slice(0, limit + 1).map(toOverview), limit));
    },
    claim: (tenantId, binaryId, { lease, now, maxAttempts, deadlineMargin }) =>
      change(
        tenantId,
        binaryId,
        (job) =>
          (job.status === 'QUEUED' || (job.status === 'RUNNING' && (job.lease?.until ?? 0) <= now)) &&
          job.releaseAt === undefined &&
          (job.pausedUntil ?? now) <= now &&
          job.attempts < maxAttempts &&
          job.deadline >= lease.until + deadlineMargin,
        (job) => ({
          ...close(job),
          status: 'RUNNING',
          lease,
          due: lease.until,
          started: job.started ?? now,
          attempts: job.attempts + 1,
        }),
      ),
    renew: (tenantId, binaryId, { lease, due }) =>
      change(tenantId, binaryId, held(lease.token), (job) => ({ ...job, lease, due })),
    complete: (tenantId, binaryId, token, { version, ended, billed }) =>
      change(
        tenantId,
        binaryId,
        (job) => held(token)(job) && !hasVersion(job, version),
        (job) => ({
          ...close(job),
          status: 'DONE',
          ended,
          ...(billed && { billed }),
          versions: [...job.versions, version],
        }),
      ),
    fail: (tenantId, binaryId, guard, { version, ended, failure, billed }) =>
      change(
        tenantId,
        binaryId,
        (job) =>
          (guard.by === 'worker' ? held(guard.token)(job) : isOpen(job) && isAsSeen(job, guard.seen)) &&
          !hasVersion(job, version),
        (job) => ({
          ...close(job),
          status: 'FAILED',
          ended,
          failure,
          ...(billed && { billed }),
          versions: [...job.versions, version],
        }),
      ),
    remove: (tenantId, seen, { deletedAt, due }) =>
      change(
        tenantId,
        seen.binaryId,
        (job) =>
          job.status === seen.status &&
          job.attempts === seen.attempts &&
          job.deletedAt === undefined &&
          job.versions.length === seen.versions.length,
        (job) => ({
          ...close(job),
          status: isOpen(job) ? 'CANCELLED' : job.status,
          ended: job.ended ?? deletedAt,
          deletedAt,
          due,
          versions: [],
        }),
      ),
    markErased: (tenantId, binaryId, { erasedAt, swept }) =>
      change(
        tenantId,
        binaryId,
        (job) => job.deletedAt !== undefined,
        (job) => ({ ...(swept ? close(job) : job), erasedAt: job.erasedAt ?? erasedAt }),
      ),
    relinquish: (tenantId, binaryId, token, { due, attempts, billed }) =>
      change(tenantId, binaryId, held(token), (job) => ({
        ...close(job),
        status: 'QUEUED',
        due,
        pausedUntil: due,
        attempts,
        ...(billed && { billed }),
      })),
    release: (tenantId, seen, due, nightImport) =>
      change(tenantId, seen.binaryId, isUnreleased(seen), ({ releaseAt: _releaseAt, ...job }) => ({
        ...job,
        due,
        ...(nightImport && { nightImport }),
      })),
    postpone: (tenantId, seen, releaseAt) =>
      change(tenantId, seen.binaryId, isUnreleased(seen), (job) => ({ ...job, due: releaseAt, releaseAt })),
    redrive: (tenantId, seen, due) =>
      change(
        tenantId,
        seen.binaryId,
        (job) => isOpen(job) && isAsSeen(job, seen),
        (job) => ({ ...close(job), status: 'QUEUED', due, redrives: seen.redrives + 1 }),
      ),
    reopen: (tenantId, seen, { reopened, deadline, due }) =>
      change(
        tenantId,
        seen.binaryId,
        (job) =>
          job.status === 'FAILED' &&
          job.deletedAt === undefined &&
          job.versions.length === seen.versions.length &&
          job.expires >= deadline,
        ({ failure: _failure, started: _started, ended: _ended, releaseAt: _releaseAt, ...job }) => ({
          ...close(job),
          status: 'QUEUED',
          reopened,
          deadline,
          due,
          attempts: 0,
          redrives: 0,
        }),
      ),
    async findDue(now, limit) {
      const due = [...items.values()]
        .filter((job) => (job.due ?? Number.POSITIVE_INFINITY) <= now)
        .sort((one, other) => (one.due ?? 0) - (other.due ?? 0));
      return [...openShards, ...sweepShards].flatMap((shard) =>
        firstDue(
          due.filter(
            ({ binaryId, deletedAt }) => (deletedAt === undefined ? shardOf : sweepShardOf)(binaryId) === shard,
          ),
          Math.ceil(limit / openShards.length),
        ),
      );
    },
  };
};
