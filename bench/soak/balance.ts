import { isOpen, type Job } from '../../functions/jobs/job.ts';
import type { Ledger, RememberedOrder } from './ledger.ts';

/** What the stores hold once the load is off and everything is quiet. */
export interface StoredState {
  readonly jobs: readonly Job[];
  /** SHA-256 of the bytes of every object, by its key. */
  readonly digests: ReadonlyMap<string, string>;
  /** Messages left in the queue. */
  readonly messages: number;
}

/** A line of the balance. */
export interface BalanceRow {
  readonly label: string;
  readonly value: number | string;
  /** Whether it must be 0 and is not. */
  readonly isOff: boolean;
}

const shown = (label: string, value: number | string): BalanceRow => ({ label, value, isOff: false });
const mustBeZero = (label: string, value: number): BalanceRow => ({ label, value, isOff: value !== 0 });

const countWhere = <Item>(items: Iterable<Item>, holds: (item: Item) => boolean): number =>
  [...items].filter(holds).length;

/** The bytes of every version of a job are there, and are those that the record names (I3). */
const hasItsBytes = ({ versions }: Job, digests: StoredState['digests']): boolean =>
  versions.every(({ content, sha256 }) => content.kind === 'inline' || digests.get(content.key) === sha256);

/** What a client was told fits what the record says. */
const fits = (order: RememberedOrder, job: Job): boolean => {
  if (order.deleted === 'confirmed') return job.deletedAt !== undefined && job.versions.length === 0;
  if (order.deleted === 'asked') return true;
  if (job.deletedAt !== undefined) return false;
  const digestsFit = [...order.digests].every(([id, sha256]) =>
    job.versions.some((version) => version.versionId === id && version.sha256 === sha256),
  );
  const toldFits = order.told === undefined || (order.told === 'report') === (job.status === 'DONE');
  return digestsFit && toldFits && job.versions.length >= order.current;
};

/** Whose the record is. */
const isOf = ({ tenant, user }: RememberedOrder, job: Job): boolean => job.tenantId === tenant && job.userId === user;

const describeFailures = (jobs: readonly Job[]): string => {
  const failed = Map.groupBy(
    jobs.filter(({ status }) => status === 'FAILED'),
    ({ failure }) => failure?.code ?? 'without a reason',
  );
  return [...failed].map(([code, { length }]) => `${code} ${length}`).join(', ') || 'none';
};

const compareOrders = (ledger: Ledger, jobs: readonly Job[]): readonly BalanceRow[] => {
  const byId = new Map(jobs.map((job) => [job.binaryId, job]));
  const orders = [...ledger.orders.values()];
  const misfits = countWhere(orders, (order) => {
    const job = byId.get(order.binaryId);
    return job !== undefined && !(isOf(order, job) && fits(order, job));
  });
  const untold = countWhere(jobs, ({ binaryId }) => !ledger.orders.has(binaryId));
  return [
    shown('orders accepted', orders.length),
    mustBeZero(
      'accepted orders without a record (I6)',
      countWhere(orders, ({ binaryId }) => !byId.has(binaryId)),
    ),
    mustBeZero('orders whose record is not what the client was told', misfits),
    mustBeZero(
      'jobs nobody was told of, beyond orders answered 5xx or not at all',
      Math.max(untold - ledger.unanswered, 0),
    ),
    mustBeZero(
      'idempotency keys with more than one job (I5)',
      countWhere(ledger.keys.values(), ({ size }) => size > 1),
    ),
    mustBeZero(
      'reports not finished that their client followed',
      countWhere(orders, ({ told, deleted }) => told === undefined && deleted === 'no'),
    ),
  ];
};

const checkJobs = (jobs: readonly Job[], { digests, messages }: StoredState): readonly BalanceRow[] => {
  const withStatus = (wanted: Job['status']) => countWhere(jobs, ({ status }) => status === wanted);
  const waits = (job: Job) => isOpen(job) && job.releaseAt !== undefined;
  const late = ({ ended, deadline }: Job) => ended !== undefined && ended > deadline;
  return [
    shown('DONE', withStatus('DONE')),
    shown('FAILED', withStatus('FAILED')),
    shown('CANCELLED', withStatus('CANCELLED')),
    mustBeZero(
      'still open',
      countWhere(jobs, (job) => isOpen(job) && !waits(job)),
    ),
    shown('waiting for the night: nobody heard of them to delete them', countWhere(jobs, waits)),
    mustBeZero('ended after their deadline (I1)', countWhere(jobs, late)),
    shown('why they failed', describeFailures(jobs)),
    mustBeZero(
      'FAILED without a reason',
      countWhere(jobs, (job) => job.status === 'FAILED' && job.failure === undefined),
    ),
    mustBeZero(
      'versions without their very bytes (I3)',
      countWhere(jobs, (job) => !hasItsBytes(job, digests)),
    ),
    shown(
      'deleted',
      countWhere(jobs, ({ deletedAt }) => deletedAt !== undefined),
    ),
    shown(
      'taken more than once',
      countWhere(jobs, ({ attempts }) => attempts > 1),
    ),
    shown(
      'most attempts at one job',
      jobs.reduce((most, { attempts }) => Math.max(most, attempts), 0),
    ),
    mustBeZero('messages left in the queue', messages),
  ];
};

/** Bytes of Binaries that no record names. What else is kept in the bucket (summaries of data sets) belongs to no job. */
export const findOrphans = (jobs: readonly Job[], keys: Iterable<string>): readonly string[] => {
  const named = new Set(
    jobs.flatMap(({ versions }) => versions.flatMap(({ content }) => (content.kind === 'stored' ? [content.key] : []))),
  );
  return [...keys].filter((key) => key.includes('/Binary/') && !named.has(key));
};

/**
 * Compares what clients were told with what the stores hold.
 *
 * @param dataSets how many data sets each tenant had during the run: a tenant's reports say as many different things at most (I10)
 */
export const drawBalance = (
  ledger: Ledger,
  state: StoredState,
  dataSets: Readonly<Record<string, number>>,
): readonly BalanceRow[] => {
  const mixed = countWhere(ledger.summaries, ([tenant, { size }]) => size > (dataSets[tenant] ?? 0));
  return [
    ...compareOrders(ledger, state.jobs),
    ...checkJobs(state.jobs, state),
    mustBeZero('tenants with reports of mixed data (I10)', mixed),
    ...[...ledger.surprises].map(([what, times]) => mustBeZero(what, times)),
  ];
};
