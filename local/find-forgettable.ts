import type { TenantId } from '../functions/auth/tenant.ts';
import { readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { timeOfSortableUuid } from '../functions/platform/ids.ts';
import { copyKey, importIdOf, type ManifestInUse, manifestKey } from './manifest-in-use.ts';
import { loadGrace } from './prune-loads.ts';
import type { StoredObject } from './stored-objects.ts';

/** The copy of the manifest that the import keeps whose data set is in use: by it the importer knows that it was complete. */
const isOwnCopy = (tenantId: TenantId, { text }: ManifestInUse, key: string): boolean => {
  const importId = importIdOf(tenantId, key);
  return importId !== undefined && key === copyKey(tenantId, importId) && readCurrentDataSet(text).isOf(importId);
};

/** What was found. */
export interface Findings {
  /** Versions and delete markers that no report can be made from any more. */
  readonly objects: readonly StoredObject[];
  /** Versions that stay for a day: of a load that is under way, or broke off. */
  readonly left: number;
}

/** What is known besides what is stored. */
export interface ForgetRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The ids of imports that are over: nobody is at their files any more. */
  readonly over: ReadonlySet<string>;
}

/**
 * Tells what a load may still make current, since its manifest comes last: what lies in a folder that was begun within a day, is of no
 * import that is over, and has had no copy of a manifest.
 */
const findUnderWay = (
  tenantId: TenantId,
  objects: readonly StoredObject[],
  { now, over }: ForgetRules,
): ((object: StoredObject) => boolean) => {
  const keys = new Set(objects.map(({ key }) => key));
  return ({ key }) => {
    const importId = importIdOf(tenantId, key) ?? '';
    const made = timeOfSortableUuid(importId);
    const isFresh = made !== undefined && made + loadGrace > now;
    return isFresh && !over.has(importId) && !keys.has(copyKey(tenantId, importId));
  };
};

/**
 * What no report can be made from any more: every version but the current ones of the manifest and of what it names, and those that a load
 * may still make current: newer than the manifest, or in the folder of a load that may be under way, for a day. A delete marker goes with
 * the last version below it, so that none comes back. Pure.
 */
export const findForgettable = (
  tenantId: TenantId,
  objects: readonly StoredObject[],
  inUse: ManifestInUse,
  rules: ForgetRules,
): Findings => {
  const isNeeded = ({ key, kind }: StoredObject): boolean =>
    kind === 'current' && (key === manifestKey(tenantId) || inUse.keys.has(key) || isOwnCopy(tenantId, inUse, key));
  const isUnderWay = findUnderWay(tenantId, objects, rules);
  const isNewer = ({ written }: StoredObject): boolean => written > inUse.written && written + loadGrace > rules.now;
  const versions = objects.filter(({ kind }) => kind !== 'delete-marker');
  const needed = versions.filter(isNeeded);
  const left = versions.filter((version) => !isNeeded(version) && (isNewer(version) || isUnderWay(version)));
  const staying = new Set([...needed, ...left]);
  const keys = new Set([...staying].map(({ key }) => key));
  return {
    objects: objects.filter((one) => (one.kind === 'delete-marker' ? !keys.has(one.key) : !staying.has(one))),
    left: left.length,
  };
};
