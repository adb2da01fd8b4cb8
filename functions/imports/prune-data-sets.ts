import type { TenantId } from '../auth/tenant.ts';
import { timeOfSortableUuid } from '../platform/ids.ts';
import type { DataSetFiles } from './data-set-files.ts';
import { lastUse, readHistory } from './data-set-history.ts';
import { longestRun, longestUntidy } from './import-limits.ts';
import { manifestCopyName, readCurrentDataSet } from './stored-manifest.ts';

/** What stays. Times in milliseconds, those that are moments since the epoch. */
export interface PruneRules {
  /** How many of the newest data sets. */
  readonly keep: number;
  /** For how long one that was in use. */
  readonly grace: number;
  readonly now: number;
  /** When imports have ended, by their ids, as far as it is known. What else is there may be a load by hand that is still under way. */
  readonly ended: ReadonlyMap<string, number>;
}

/** What was removed. */
export interface Pruning {
  readonly imports: number;
  readonly files: number;
  /** When one of those that are left may have to be removed; undefined where all of them are to stay. */
  readonly again: number | undefined;
}

/** By then a load by hand is over, and any import that is not kept in mind, in milliseconds from its beginning. */
const longestUnknown = 24 * 3_600_000;

/**
 * When to look again at one that may go from `from` on; undefined where it is to go now. Somebody may have gone back to it since the manifest
 * was read, for looking through many takes seconds.
 */
const findLaterLook = async (
  files: DataSetFiles,
  tenantId: TenantId,
  importId: string,
  { from, now }: { readonly from: number; readonly now: number },
): Promise<number | undefined> => {
  if (from > now) return from;
  const current = readCurrentDataSet((await files.readManifest(tenantId))?.text);
  return current.imports.has(importId) ? now + longestUntidy : undefined;
};

/**
 * Removes what imports and loads by hand have stored and nobody needs: all but the data set in use, the newest `keep` that once were, what
 * was in use within the grace, since a report that is being made may still read it (invariant I10), and what somebody may still be at.
 */
export const pruneDataSets = async (
  files: DataSetFiles,
  tenantId: TenantId,
  { keep, grace, now, ended }: PruneRules,
): Promise<Pruning> => {
  const manifest = await files.readManifest(tenantId);
  const current = readCurrentDataSet(manifest?.text);
  const history = readHistory(manifest);
  const removed = { imports: 0, files: 0 };
  let again = Number.POSITIVE_INFINITY;
  let complete = 0;
  for (const importId of (await files.listImports(tenantId)).toReversed()) {
    const made = timeOfSortableUuid(importId);
    if (made === undefined) continue;
    const isCurrent = current.imports.has(importId);
    const hasCopy = (await files.get(tenantId, manifestCopyName(importId))) !== undefined;
    if (isCurrent || hasCopy) complete += 1;
    if (hasCopy && complete <= keep) continue;
    const end = ended.get(importId);
    const writtenUntil = end === undefined ? made + longestUnknown : end + longestRun;
    const unused = lastUse(history, importId) + grace;
    // One that stays for its use alone, since newer ones are there, may be replaced by hand: nobody says so.
    const from = isCurrent ? now + longestUntidy : Math.max(hasCopy ? 0 : writtenUntil, unused);
    const later = await findLaterLook(files, tenantId, importId, { from, now });
    if (later !== undefined) {
      again = Math.min(again, later);
      continue;
    }
    removed.files += await files.removeImport(tenantId, importId, new Set());
    removed.imports += 1;
  }
  return { ...removed, again: Number.isFinite(again) ? again : undefined };
};
