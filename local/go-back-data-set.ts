import type { TenantId } from '../functions/auth/tenant.ts';
import { CommandError } from './command-line.ts';
import type { EarlierDataSet } from './find-earlier-data-sets.ts';
import { findManifestProblem } from './find-manifest-problem.ts';
import { publishManifest, requireStored } from './make-load-current.ts';
import type { DataSetStore } from './manifest-in-use.ts';
import { deleteObjects } from './stored-objects.ts';

/** Why a data set cannot be gone back to; undefined where it can. */
export const findObstacle = ({ isInUse, markers, gone, manifest }: EarlierDataSet, now: number): string | undefined => {
  if (gone !== undefined) return `${gone} is in no version any more`;
  if (isInUse && markers.length === 0) return 'it is the one in use';
  return findManifestProblem(manifest, now);
};

/**
 * Makes a data set that was in use the current one again: first its files are there again, where they were removed, then its manifest, which
 * tells what it replaces. A report that is being made goes on with what it began with.
 *
 * @throws CommandError, and nothing was made current, where it cannot be gone back to ({@link findObstacle}), and where another data set
 *   became current in the same moment
 */
export const goBack = async (
  store: DataSetStore,
  tenantId: TenantId,
  earlier: EarlierDataSet,
  now: number,
): Promise<void> => {
  const obstacle = findObstacle(earlier, now);
  if (obstacle !== undefined) {
    throw new CommandError(`Nothing was changed: ${earlier.id} cannot be gone back to: ${obstacle}.`);
  }
  const { id, names, manifest, markers } = earlier;
  await deleteObjects(store.s3, store.bucket, markers);
  const stored = { id, output: names.map((url) => ({ url })) };
  await requireStored(store, tenantId, stored);
  await publishManifest(store, tenantId, JSON.parse(manifest) as object);
};
