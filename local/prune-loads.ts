import type { TenantId } from '../functions/auth/tenant.ts';
import { importPrefix } from '../functions/imports/data-set-files.ts';
import { pruneDataSets } from '../functions/imports/prune-data-sets.ts';
import { createS3DataSetFiles } from '../functions/imports/s3-data-set-files.ts';
import { type DataSetStore, type ManifestInUse, manifestKey } from './manifest-in-use.ts';
import { deleteObjects, listCurrentObjects, type StoredObject } from './stored-objects.ts';

/** How long what no manifest names is left alone, in milliseconds: files of a load that is under way come before their manifest. */
export const loadGrace = 24 * 3_600_000;

/** The two manifests that a load knows, and the moment. */
export interface LoadedOver {
  /** Keys of the files that the manifest names which was written just now. */
  readonly current: ReadonlySet<string>;
  /** The manifest that was replaced by it, or undefined where there was none. */
  readonly replaced: ManifestInUse | undefined;
  readonly now: number;
}

/** What is needed besides. */
export interface LoadRules extends LoadedOver {
  /** How many of the newest data sets stay, whether they were loaded or imported; the one in use is among them. */
  readonly keep: number;
}

/**
 * The objects that are in no folder of an import or a load, and that nobody needs: neither in the data set in use nor in the one that it
 * has just replaced, from which a report may still be made, and older than the grace. While the replaced one was itself not in use for the
 * grace, or cannot be read, there are none. So lie the files that other tools have put there, and loads of versions that gave them no such
 * folder. Pure.
 */
export const findUnneededFiles = (
  tenantId: TenantId,
  objects: readonly StoredObject[],
  { current, replaced, now }: LoadedOver,
): readonly StoredObject[] => {
  const isOld = (written: number): boolean => written + loadGrace <= now;
  if (replaced !== undefined && (replaced.transactionTime === undefined || !isOld(replaced.written))) return [];
  return objects.filter(
    ({ key, written }) =>
      key.startsWith(`${tenantId}/`) &&
      key !== manifestKey(tenantId) &&
      !key.startsWith(`${tenantId}/${importPrefix('')}`) &&
      !current.has(key) &&
      replaced?.keys.has(key) !== true &&
      isOld(written),
  );
};

/**
 * Removes them, and with them the data sets of earlier loads and imports, as after an import ({@link pruneDataSets}), save the newest
 * and what was replaced within the grace. As a reader sees it: the bucket's versions undo it for a while.
 *
 * @returns how many files were removed
 */
export const pruneLoads = async (
  { s3, bucket }: DataSetStore,
  tenantId: TenantId,
  { keep, ...over }: LoadRules,
): Promise<number> => {
  const objects = await listCurrentObjects(s3, bucket, `${tenantId}/`);
  const unneeded = findUnneededFiles(tenantId, objects, over);
  const keys = unneeded.map(({ key }) => ({ key }));
  await deleteObjects(s3, bucket, keys);
  const rules = { keep, grace: loadGrace, now: over.now, ended: new Map() };
  const { files } = await pruneDataSets(createS3DataSetFiles(s3, bucket), tenantId, rules);
  return unneeded.length + files;
};
