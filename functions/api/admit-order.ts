import type { Tenant } from '../auth/tenant.ts';
import type { JobMode } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { nextNight } from '../jobs/night-window.ts';
import type { Clock } from '../platform/clock.ts';
import type { Ids } from '../platform/ids.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { RecentPaces } from './recent-paces.ts';
import { secondsToWait } from './wait-header.ts';

/** What admitting orders needs. */
export interface AdmissionDependencies {
  readonly jobs: Pick<JobStore, 'admit'>;
  readonly paces: RecentPaces;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An order as far as its tenant's limit is concerned. */
export interface AskingOrder {
  readonly caller: { readonly tenant: Tenant };
  readonly mode: JobMode;
  /** Name of the report's definition. */
  readonly report: string;
}

/**
 * Takes a place among the open jobs of the order's tenant.
 *
 * @returns when it was taken, which is when the job is created
 * @throws ServiceError `GENERAL_THROTTLED` when the tenant has no place left, with the time after which there should be one
 */
export type AdmitOrder = (order: AskingOrder) => Promise<number>;

/** For this long, in milliseconds, a tenant without a place is refused without a look at the store. */
const refusedFor = 1000;

/** What is said at least: a place is free again 5 to 10 s after its order at the earliest, however soon its report is made. */
const leastWaitSeconds = 5;

/** How long a tenant's reports are made of late; a scheduled one ends no sooner than its night begins, and the tick comes once a minute. */
const waitForPlace = async ({ paces }: AdmissionDependencies, order: AskingOrder, now: number): Promise<number> => {
  const { mode, report } = order;
  const { tenant } = order.caller;
  if (mode === 'schedule') return Math.max(Math.ceil((nextNight(now, tenant) - now) / 1000), 60);
  const pace = await paces.of(tenant.id, report);
  return Math.max(secondsToWait(pace?.generating ?? 0), leastWaitSeconds);
};

const refuse = async (dependencies: AdmissionDependencies, order: AskingOrder, now: number): Promise<never> => {
  const { mode } = order;
  const { tenant } = order.caller;
  const cause = `${tenant.openJobs[mode]} reports that were ordered with $${mode}-… are not finished, as many as the tenant may have. Order again when some of them are, or delete those that nobody needs.`;
  const retryAfterSeconds = await waitForPlace(dependencies, order, now);
  throw new ServiceError('GENERAL_THROTTLED', { cause, retryAfterSeconds, reason: `open-jobs-${mode}` });
};

/**
 * Admits orders, as many as `Tenant.openJobs` allows. Remembers for a second whom it has refused, so that who does not wait costs the
 * store next to nothing; and where a process answers several requests at once, as the local one does, it asks for one order of a tenant
 * at a time. There is no more to remember than there are tenants.
 */
export const createOrderAdmission = (dependencies: AdmissionDependencies): AdmitOrder => {
  const { jobs, clock, ids } = dependencies;
  const refused = new Map<string, number>();
  const turns = new Map<string, Promise<unknown>>();
  const ask = async (key: string, order: AskingOrder): Promise<number> => {
    const { mode } = order;
    const { tenant } = order.caller;
    const now = clock.now();
    const since = refused.get(key);
    if (since !== undefined && Math.abs(now - since) < refusedFor) return refuse(dependencies, order, now);
    refused.delete(key);
    if (await jobs.admit(tenant.id, { mode, now, limit: tenant.openJobs[mode], writer: ids.uuid() })) return now;
    refused.set(key, now);
    return refuse(dependencies, order, now);
  };
  return (order) => {
    const key = `${order.caller.tenant.id}#${order.mode}`;
    const turn = (turns.get(key) ?? Promise.resolve()).then(() => ask(key, order));
    const settled = turn.then(
      () => {},
      () => {},
    );
    turns.set(key, settled);
    return turn;
  };
};
