import type { NightWindow, Tenant } from '../auth/tenant.ts';
import { findTimeZone, type TimeZone } from '../episodes/time-zone.ts';
import { fractionOf } from './fraction-of.ts';

/** When a scheduled job is released and by when it ends. Milliseconds since the epoch. */
export interface NightPlan {
  readonly releaseAt: number;
  readonly deadline: number;
}

/**
 * What an order inside the window must find left of it, and what a night must leave between the window's end and the time when reports
 * are ready: where a clock that skips hours leaves less, it is the next night.
 */
const leastTime = 30 * 60_000;

/** Nights that are looked at. No zone ever skipped more than one. */
const mostNights = 7;

/** The night that ends on a local day. */
const nightOf = (zone: TimeZone, day: number, { from, to, readyBy }: NightWindow) => ({
  from: zone.instantOf(from < to ? day : day - 1, from),
  to: zone.instantOf(day, to),
  readyBy: zone.instantOf(day, readyBy),
});

/** The night of a tenant that is under way, or else the coming one: when its window begins and ends, in milliseconds since the epoch. */
export const findNight = (
  now: number,
  { timeZone, night }: Pick<Tenant, 'timeZone' | 'night'>,
): { readonly from: number; readonly to: number } => {
  const zone = findTimeZone(timeZone);
  const today = zone.dayOf(now);
  for (let day = today; day < today + mostNights; day += 1) {
    const { from, to } = nightOf(zone, day, night);
    if (now < to) return { from, to };
  }
  throw new TypeError('a tenant without a night');
};

/** When scheduled reports of a tenant are made next, in milliseconds since the epoch: from `now` on, or from when its coming night begins. */
export const nextNight = (now: number, tenant: Pick<Tenant, 'timeZone' | 'night'>): number =>
  Math.max(findNight(now, tenant).from, now);

/**
 * Plans a scheduled job into the coming night of its tenant: released at a time of the window that its Binary id decides, so that a
 * night's jobs are spread evenly; ended by `readyBy` of that morning. An order within the window is released in what is left of
 * it, if that is half an hour at least, else in the next night.
 *
 * Times are those of the tenant's clock: a window is an hour shorter or longer in the night in which the clock is changed. A time that
 * the clock skips is the moment of the change; of one that it shows twice it is the first.
 */
export const planNight = (
  binaryId: string,
  now: number,
  { timeZone, night }: Pick<Tenant, 'timeZone' | 'night'>,
): NightPlan => {
  const zone = findTimeZone(timeZone);
  const today = zone.dayOf(now);
  for (let day = today; day < today + mostNights; day += 1) {
    const { from, to, readyBy } = nightOf(zone, day, night);
    const begin = Math.max(from, now);
    if ((now > from && to - now < leastTime) || readyBy - Math.max(begin, to) < leastTime) continue;
    return { releaseAt: begin + Math.floor(fractionOf(binaryId) * (to - begin)), deadline: readyBy };
  }
  throw new TypeError('a tenant without a night');
};
