import type { Tenant } from '../auth/tenant.ts';
import { fractionOf } from '../jobs/fraction-of.ts';
import { findNight } from '../jobs/night-window.ts';
import type { Import } from './import.ts';

const hour = 3_600_000;

/** How long before the night's window its imports begin: the first of them, and the last. In milliseconds. */
const lead = { first: 3 * hour, last: hour };

/** When a tenant's import of a night is begun. Milliseconds since the epoch. */
export interface NightlyPlan {
  /** An import that was begun from then on, by whomever, is that of the night. */
  readonly opens: number;
  /** From then on the tick begins one. */
  readonly at: number;
  /** The end of the night's window: from then on it would come too late for any of its reports. */
  readonly closes: number;
}

/**
 * Plans the import of the night that is under way or comes next: one to three hours before scheduled reports are made. The tenant's id
 * decides when, so that imports of many tenants are spread evenly, and each has its time.
 */
export const planNightlyImport = (now: number, tenant: Pick<Tenant, 'id' | 'timeZone' | 'night'>): NightlyPlan => {
  const { from, to } = findNight(now, tenant);
  const opens = from - lead.first;
  return { opens, at: opens + Math.floor(fractionOf(tenant.id) * (lead.first - lead.last)), closes: to };
};

/** Whether its time has come; {@link isOfNight} tells whether it was begun already. */
export const isTimeForImport = (now: number, { at, closes }: NightlyPlan): boolean => now >= at && now < closes;

/** Whether an import is that of the night, however it ended: there is one a night, and an import tries again by itself. */
export const isOfNight = (latest: Pick<Import, 'begun'> | undefined, { opens }: NightlyPlan): boolean =>
  latest !== undefined && latest.begun >= opens;

/** Whether a tenant's data set is to be fetched every night, here. */
export const isImportedNightly = (tenant: Pick<Tenant, 'enabled' | 'elsewhere' | 'import'>): boolean =>
  tenant.enabled && tenant.elsewhere !== true && tenant.import?.nightly === true;

/**
 * From when on an import is the one that a scheduled report is made from: that of the night in which it is released. Undefined for a
 * tenant that is not fetched from every night.
 *
 * @param releaseAt milliseconds since the epoch, as the result
 */
export const awaitImportSince = (releaseAt: number, tenant: Tenant): number | undefined =>
  isImportedNightly(tenant) ? planNightlyImport(releaseAt, tenant).opens : undefined;
