import type { TenantId } from '../functions/auth/tenant.ts';
import { type Import, isTidy } from '../functions/imports/import.ts';
import { longestRun } from '../functions/imports/import-limits.ts';
import { CommandError } from './command-line.ts';
import { type Findings, findForgettable } from './find-forgettable.ts';
import { findManifestProblem } from './find-manifest-problem.ts';
import { type DataSetStore, type ManifestInUse, readManifestInUse } from './manifest-in-use.ts';
import { deleteObjects, listEveryVersion, type StoredObject } from './stored-objects.ts';

/** What is stored for a tenant beside the data set in use, and when it may go. */
export interface Forgettable extends Findings {
  readonly inUse: ManifestInUse;
  /** Milliseconds since the epoch. Earlier, a report may still be made from what was replaced, or an importer still be at it. */
  readonly from: number;
}

/** @throws CommandError where it cannot be told what the data set in use needs, or what it has replaced may be needed again */
const requireUsable = (inUse: ManifestInUse, objects: readonly StoredObject[], now: number): void => {
  const there = new Set(objects.flatMap(({ kind, key }) => (kind === 'current' ? [key] : [])));
  const missing = [...inUse.keys].find((key) => !there.has(key));
  if (missing !== undefined) {
    throw new CommandError(`Nothing was forgotten: the data set in use lacks ${missing}. Load it anew first.`);
  }
  const problem = findManifestProblem(inUse.text, now);
  if (problem !== undefined) {
    throw new CommandError(`Nothing was forgotten: no report can be made from the data set in use (${problem}).`);
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
  requireUsable(inUse, objects, now);
  const importEnded = latest === undefined || latest.state === 'DONE' ? 0 : (latest.ended ?? 0);
  const from = Math.max(inUse.written, importEnded) + longestRun;
  const over = new Set(latest === undefined ? [] : [latest, ...latest.previous].map(({ importId }) => importId));
  return { inUse, from, ...findForgettable(tenantId, objects, inUse, { now, over }) };
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
