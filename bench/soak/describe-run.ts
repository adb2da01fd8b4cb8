import type { Job } from '../../functions/jobs/job.ts';
import { percentile } from '../harness/percentile.ts';
import type { BalanceRow } from './balance.ts';
import type { Ledger } from './ledger.ts';
import type { LogTally } from './log-tally.ts';
import type { MemorySample } from './messages.ts';
import { slope } from './slope.ts';
import type { WorkerPool } from './worker-pool.ts';

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
const millis = (values: readonly number[]): string =>
  values.length === 0
    ? 'none'
    : `p50 ${percentile(values, 0.5).toFixed(0)}, p90 ${percentile(values, 0.9).toFixed(0)}, p99 ${percentile(values, 0.99).toFixed(0)}, most ${percentile(values, 1).toFixed(0)} ms`;

const row = (label: string, value: number | string, isOff = false): BalanceRow => ({ label, value, isOff });

/** Shorter than this, in seconds, the second half of a run says nothing about memory. */
const leastHalf = 60;

/**
 * What is allowed for noise: over the second half of the run the live heap may grow by a tenth of its size and 2 MB. A leak of 1 kB an
 * order at 20 orders a second is 6 MB in the second half of ten minutes.
 */
const margin = (heap: number): number => heap * 0.1 + 2_000_000;

/** The memory of the api's process: its live heap does not grow in the second half of the run. */
export const describeMemory = (samples: readonly MemorySample[], loadSeconds: number): readonly BalanceRow[] => {
  const half = samples.filter(({ second }) => second >= loadSeconds / 2 && second <= loadSeconds);
  const growthOf = (read: (sample: MemorySample) => number) =>
    (slope(half.map((sample) => [sample.second, read(sample)])) * loadSeconds) / 2;
  const growth = growthOf(({ heap }) => heap);
  const most = (read: (sample: MemorySample) => number) => Math.max(0, ...samples.map(read));
  const typical = percentile(
    half.map(({ heap }) => heap),
    0.5,
  );
  const isOff = loadSeconds / 2 >= leastHalf && growth > margin(typical);
  return [
    row('api: peak RSS', megabytes(most(({ rss }) => rss))),
    row('api: live heap, peak', megabytes(most(({ heap }) => heap))),
    row('api: live heap, growth in the second half', megabytes(growth), isOff),
    row('api: RSS, growth in the second half', megabytes(growthOf(({ rss }) => rss))),
  ];
};

/** What api and dispatcher warned of, the most frequent first. */
export const describeLog = (log: LogTally): readonly BalanceRow[] =>
  [...log].toSorted(([, one], [, other]) => other - one).map(([what, times]) => row(what, times));

/** What happened during the run, in numbers. */
export const describeRun = (ledger: Ledger, jobs: readonly Job[], workers: WorkerPool): readonly BalanceRow[] => {
  const durations = jobs.flatMap(({ status, created, ended }) =>
    status === 'DONE' && ended !== undefined ? [ended - created] : [],
  );
  const statuses = [...ledger.statuses].sort(([one], [other]) => one - other);
  const events = ['JOB_CLAIMED', 'JOB_DONE', 'JOB_ATTEMPT_FAILED', 'JOB_LEASE_LOST', 'JOB_OUTCOME_UNKNOWN'];
  return [
    row('from order to answer', millis(ledger.orderMillis)),
    row('from order to report, by the records', millis(durations)),
    row('from answer to report, as clients saw it', millis(ledger.reportMillis)),
    row('answers by status', statuses.map(([status, times]) => `${status || 'none'}: ${times}`).join(', ')),
    row('429 and 503', (ledger.statuses.get(429) ?? 0) + (ledger.statuses.get(503) ?? 0)),
    row('orders answered 5xx or not at all', ledger.unanswered),
    row('workers killed', `${workers.kills}, ${workers.killsWithJob} of them with a job`),
    row('workers: peak memory', megabytes(workers.peakMemory)),
    row("in the workers' logs", events.map((event) => `${event} ${workers.events.get(event) ?? 0}`).join(', ')),
  ];
};
