import type { TenantId } from '../functions/auth/tenant.ts';
import { defaultLimits } from '../functions/episodes/data-set-limits.ts';
import { parseManifest } from '../functions/episodes/manifest.ts';
import { type Import, isTidy } from '../functions/imports/import.ts';
import { longestRun } from '../functions/imports/import-limits.ts';
import { manifestCopyName, readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { ServiceError } from '../functions/platform/service-error.ts';
import { CommandError } from './command-line.ts';
import { type DataSetStore, type ManifestInUse, manifestKey, readManifestInUse } from './manifest-in-use.ts';
import { loadGrace } from './prune-loads.ts';
import { deleteObjects, listEveryVersion, type StoredObject } from './stored-objects.ts';

/** What is stored for a tenant beside the data set in use, and when it may go. */
export interface Forgettable {
  readonly inUse: ManifestInUse;
  /** Versions and delete markers that no report can be made from any more. */
  readonly objects: readonly StoredObject[];
  /** Versions that are newer than the data set in use: of a load that is under way, or broke off within a day. They stay. */
  readonly newer: number;
  /** Milliseconds since the epoch. Earlier, a report may still be made from what was replaced, or an importer still be at it. */
  readonly from: number;
}

/** The copy of the manifest that the import keeps whose data set is in use: by it the importer knows that it was complete. */
const isOwnCopy = (tenantId: TenantId, { text }: ManifestInUse, key: string): boolean => {
  const [tenant, folder, importId = '', name, ...more] = key.split('/');
  const isCopy =
    more.length === 0 && `${tenant}/${folder}/${importId}/${name}` === `${tenantId}/${manifestCopyName(importId)}`;
  return isCopy && readCurrentDataSet(text).isOf(importId);
};

/**
 * What no report can be made from any more: every version but the current ones of the manifest and of what it names, if it is not newer
 * than the manifest or older than a day. A delete marker goes with the last version below it, so that none comes back. Pure.
 */
export const findForgettable = (
  tenantId: TenantId,
  objects: readonly StoredObject[],
  inUse: ManifestInUse,
  now: number,
): Pick<Forgettable, 'objects' | 'newer'> => {
  const isNeeded = ({ key, kind }: StoredObject): boolean =>
    kind === 'current' && (key === manifestKey(tenantId) || inUse.keys.has(key) || isOwnCopy(tenantId, inUse, key));
  const isNewer = ({ written }: StoredObject): boolean => written > inUse.written && written + loadGrace > now;
  const versions = objects.filter(({ kind }) => kind !== 'delete-marker');
  const staying = new Set(versions.filter((version) => isNeeded(version) || isNewer(version)));
  const keys = new Set([...staying].map(({ key }) => key));
  return {
    objects: objects.filter((one) => (one.kind === 'delete-marker' ? !keys.has(one.key) : !staying.has(one))),
    newer: versions.filter((version) => !isNeeded(version) && isNewer(version)).length,
  };
};

/** @throws CommandError where it cannot be told what the data set in use needs */
const requireUsable = (inUse: ManifestInUse, objects: readonly StoredObject[]): void => {
  const there = new Set(objects.flatMap(({ kind, key }) => (kind === 'current' ? [key] : [])));
  const missing = [...inUse.keys].find((key) => !there.has(key));
  if (missing !== undefined) {
    throw new CommandError(`Nothing was forgotten: the data set in use lacks ${missing}. Load it anew first.`);
  }
  try {
    parseManifest(Buffer.from(inUse.text), defaultLimits);
  } catch (error) {
    const cause = error instanceof ServiceError ? (error.details.cause ?? error.code) : String(error);
    throw new CommandError(`Nothing was forgotten: no report can be made from the data set in use (${cause}).`);
  }
};

/** @throws CommandError while an import is under way or not tidied up: what it has stored may become the data set in use */
const requireNoImport = (tenantId: TenantId, latest: Import | undefined): void => {
  if (latest === undefined || isTidy(latest)) return;
  throw new CommandError(
    `Nothing was forgotten: an import of ${tenantId} is under way, or not tidied up yet. Wait until npm run imports says that it is over, or call it off (npm run import -- … --cancel).`,
  );
};

/**
 * What is stored for a tenant that no report can be made from any more: what the data set in use has replaced, data sets that imports
 * keep included, in every version. Changes nothing.
 *
 * @param latest the tenant's latest import
 * @throws CommandError where the tenant has no data set, or none that a report can be made from, and while an import is under way
 */
export const lookForForgettable = async (
  store: DataSetStore,
  tenantId: TenantId,
  latest: Import | undefined,
  now: number,
): Promise<Forgettable> => {
  requireNoImport(tenantId, latest);
  const inUse = await readManifestInUse(store, tenantId);
  if (inUse === undefined) {
    throw new CommandError(`Nothing was forgotten: ${tenantId} has no data set in use. Load one first.`);
  }
  const objects = await listEveryVersion(store.s3, store.bucket, `${tenantId}/`);
  if ((await readManifestInUse(store, tenantId))?.text !== inUse.text) {
    throw new CommandError(`Nothing was forgotten: the data set of ${tenantId} was replaced at this moment.`);
  }
  requireUsable(inUse, objects);
  const importEnded = latest === undefined || latest.state === 'DONE' ? 0 : (latest.ended ?? 0);
  const from = Math.max(inUse.written, importEnded) + longestRun;
  return { inUse, from, ...findForgettable(tenantId, objects, inUse, now) };
};

/**
 * Deletes it for good; no version brings it back.
 *
 * @throws CommandError, and nothing was deleted, where a report may still be made from it
 */
export const forget = async (
  { s3, bucket }: DataSetStore,
  { objects, from }: Forgettable,
  now: number,
): Promise<void> => {
  if (now < from) {
    throw new CommandError(
      `Nothing was forgotten: until ${new Date(from).toISOString()} a report may still be made from what was replaced. Do it again then.`,
    );
  }
  await deleteObjects(s3, bucket, objects);
};
