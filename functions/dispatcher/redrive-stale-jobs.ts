import type { BinaryEraser } from '../binaries/binary-content.ts';
import type { ImportStore } from '../imports/import-store.ts';
import { describeFailedVersion } from '../jobs/failed-version.ts';
import { concernsDispatcher, decideDue, type Job, type JobFailure, type JobRules } from '../jobs/job.ts';
import { openShards } from '../jobs/job-item.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobStore, OpenJobIndex } from '../jobs/job-store.ts';
import { nextLook } from '../jobs/pauses.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { createImportLookup, type FindImport } from './await-import.ts';
import { logUnsettled, recordAndSend, redriveUnsent, type SendingDependencies } from './record-and-send.ts';
import { releaseJob } from './release-job.ts';
import { createWatchedQueue } from './watched-queue.ts';

/** What a tick needs. */
export interface TickDependencies {
  readonly openJobs: OpenJobIndex;
  readonly imports: Pick<ImportStore, 'read'>;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly eraser: BinaryEraser;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly rules: Pick<JobRules, 'maxAttempts' | 'requeueAfter' | 'deadlineMargin'>;
  readonly jobsPerTick: number;
}

/** What a tick did, in numbers of jobs. */
export interface TickSummary {
  due: number;
  /** Scheduled jobs whose time had come. */
  released: number;
  /** Scheduled jobs that wait for their tenant's import. */
  postponed: number;
  requeued: number;
  /** Released, or to be queued again, and left to their next look, since the queue did not take their message or was given up. */
  unsent: number;
  ended: number;
  /** Deleted Binaries of which no byte is left, late ones included. */
  swept: number;
  /** Somebody was faster, or the index was late. */
  skipped: number;
  /** Could not be dealt with; left to the next tick. */
  failed: number;
}

/** How many jobs are dealt with side by side. */
const width = 16;

const logIds = (job: Job) => ({ tenant: job.tenantId, binaryId: job.binaryId, jobId: job.jobId });

const endJob = async (
  { jobs, clock, ids, logger }: TickDependencies,
  seen: Job,
  failure: JobFailure,
): Promise<'ended' | 'skipped'> => {
  const ended = clock.now();
  const version = describeFailedVersion(seen, failure, ids.uuid(), ended);
  const guard = { by: 'dispatcher', seen } as const;
  const { outcome } = await jobs.fail(seen.tenantId, seen.binaryId, guard, { version, ended, failure });
  if (outcome === 'conflict') return 'skipped';
  logger.log('JOB_FAILED', { ...logIds(seen), attempt: seen.attempts, errorCode: failure.code });
  return 'ended';
};

/** What settling a job needs of the tick that it is settled in. */
type OneTick = TickDependencies & SendingDependencies;

/** Queues a job again whose message or worker was lost. */
const requeueJob = async (tick: OneTick, seen: Job): Promise<'requeued' | 'unsent' | 'skipped'> => {
  const { jobs, clock, logger, rules } = tick;
  const counted = { ...seen, redrives: seen.redrives + 1 };
  const outcome = await recordAndSend(tick, seen, {
    sent: () => jobs.redrive(seen.tenantId, seen, nextLook(counted, clock.now(), rules)),
    unsent: (due) => redriveUnsent(jobs, seen, due),
  });
  if (outcome !== 'sent') return outcome;
  logger.log('JOB_REQUEUED', { ...logIds(seen), attempt: seen.attempts, redrives: counted.redrives });
  return 'requeued';
};

/** A worker that was under way when its Binary was deleted may have stored bytes after that. It has ended by now. */
const sweepBinary = async ({ jobs, eraser, clock }: TickDependencies, seen: Job): Promise<'swept'> => {
  await eraser.eraseAll(seen.tenantId, seen.binaryId);
  await jobs.markErased(seen.tenantId, seen.binaryId, { erasedAt: clock.now(), swept: true });
  return 'swept';
};

type Settled = Exclude<keyof TickSummary, 'due'>;

const settle = async (dependencies: OneTick, findImport: FindImport, seen: Job): Promise<Settled> => {
  const action = decideDue(seen, dependencies.clock.now(), dependencies.rules);
  try {
    if (action.kind === 'end') return await endJob(dependencies, seen, action.failure);
    if (action.kind === 'sweep') return await sweepBinary(dependencies, seen);
    if (action.kind === 'release') return await releaseJob({ ...dependencies, findImport }, seen);
    return action.kind === 'redrive' ? await requeueJob(dependencies, seen) : 'skipped';
  } catch (error) {
    logUnsettled(dependencies.logger, seen, error);
    return 'failed';
  }
};

/**
 * Ends first: they have a deadline to keep, and need no queue and no S3. Among its like each tenant has its turn, so that no job of a
 * thousand stands before another tenant's first.
 */
const byUrgency = ({ clock, rules }: TickDependencies, jobs: readonly Job[]): Job[] => {
  const ranks = { end: 0, release: 1, redrive: 1, none: 2, sweep: 2 } as const;
  const turns = new Map<string, number>();
  const places = jobs.map((job) => {
    const rank = ranks[decideDue(job, clock.now(), rules).kind];
    const turn = turns.get(`${rank}#${job.tenantId}`) ?? 0;
    turns.set(`${rank}#${job.tenantId}`, turn + 1);
    return { job, rank, turn };
  });
  places.sort((one, other) => one.rank - other.rank || one.turn - other.turn);
  return places.map(({ job }) => job);
};

/** Takes none after `stopAt`: those are still due at the next tick. */
const settleRound = async (dependencies: OneTick, found: readonly Job[], summary: TickSummary, stopAt: number) => {
  const { clock } = dependencies;
  summary.due += found.length;
  const due = byUrgency(dependencies, found);
  const findImport = createImportLookup(dependencies);
  const work = async () => {
    for (let seen = due.shift(); seen !== undefined && clock.now() < stopAt; seen = due.shift()) {
      summary[await settle(dependencies, findImport, seen)] += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, work));
};

/** A list of due jobs may have left something out once it has as many as the limit allows one shard of the index. */
const mayBeMore = (found: number, limit: number): boolean => found >= limit / openShards.length;

const isDeleted = ({ deletedAt }: Job): boolean => deletedAt !== undefined;

/**
 * When a tick gives the queue up: the messages of one row of jobs that it did not take, or 5 s of each place in the row that slow ones took
 * beyond a second: a queue that is well is not given up for that, not even where sixteen share the third of a processor that 512 MB are.
 * After 20 s of messages what is left takes one write for each job, so that a tick comes to those that are to be ended also where a queue that
 * is neither swift nor slow has thousands before them.
 */
const queuePatience = { failures: width, swift: 1000, milliseconds: width * 5000, share: 20_000 };

/** Jobs that are due no more. */
const progressOf = ({ released, postponed, requeued, unsent, ended }: TickSummary): number =>
  released + postponed + requeued + unsent + ended;

/** After this long, in milliseconds, a tick begins no further round: the function ends at 50 s, and the next tick comes. */
const roundsEnd = 25_000;

/**
 * From the beginning of a tick to the next look at a job that goes without its message, in milliseconds: beyond the last round, and well
 * before the next tick begins a minute after this one.
 */
const unsentLook = 30_000;

/**
 * After this long, in milliseconds, no further job is taken: one whose service hangs takes three tries of some 4 s, and the tick is to come
 * to its end and tell what it did.
 */
const takingEnds = 35_000;

/**
 * One tick: looks at the open jobs that are due, ends those past their deadline or attempts, releases scheduled ones, queues those
 * again whose message or worker was lost, and sweeps deleted Binaries. While a round may have left some out and gets on with what it
 * found, another follows; what is left over is still due at the next tick. Neither a queue nor an S3 that hangs keeps it from those
 * that are to be ended, wherever they stand: the queue is given up for this tick, at the latest after 20 s of messages, and sweeps come
 * after all rounds, since nobody waits for them.
 *
 * @throws ServiceError `GENERAL_DEPENDENCY_UNAVAILABLE` when the index does not answer; one job's failure stops no other
 */
export const redriveStaleJobs = async (dependencies: TickDependencies): Promise<TickSummary> => {
  const { openJobs, clock, jobsPerTick } = dependencies;
  const begun = clock.now();
  const summary: TickSummary = {
    due: 0,
    released: 0,
    postponed: 0,
    requeued: 0,
    unsent: 0,
    ended: 0,
    swept: 0,
    skipped: 0,
    failed: 0,
  };
  const queue = createWatchedQueue(dependencies.queue, clock, queuePatience);
  const tick = { ...dependencies, queue, unsentLook: begun + unsentLook };
  let sweeps: readonly Job[] = [];
  for (let isMore = true; isMore && clock.now() - begun < roundsEnd; ) {
    const found = await openJobs.findDue(clock.now(), jobsPerTick);
    const before = progressOf(summary);
    sweeps = found.filter(isDeleted);
    const open = found.filter((job) => !isDeleted(job));
    await settleRound(tick, open, summary, begun + takingEnds);
    isMore = mayBeMore(open.filter(concernsDispatcher).length, jobsPerTick) && progressOf(summary) > before;
  }
  await settleRound(tick, sweeps, summary, begun + takingEnds);
  return summary;
};
