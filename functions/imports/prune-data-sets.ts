import type { TenantId } from '../auth/tenant.ts';
import { timeOfSortableUuid } from '../platform/ids.ts';
import { type DataSetFiles, importPrefix } from './data-set-files.ts';
import { importDeadline } from './import-limits.ts';
import { manifestCopyName, readCurrentDataSet } from './stored-manifest.ts';

/**
 * Removes what imports and loads by hand have stored and nobody needs: all but the data set in use, the newest `keep` that were once complete, and for the
 * grace what failed, to which a worker that was frozen could come back, and what was replaced, which a report that is being made may
 * still read (invariant I10). When one was replaced is not recorded: it was while the next complete one was imported, and so no later
 * than that one's deadline.
 *
 * @param rules.grace milliseconds
 * @param rules.replaced names of the files of a data set that was in use until a moment ago, whenever it was made: it stays too
 * @returns how many imports and files were removed
 */
export const pruneDataSets = async (
  files: DataSetFiles,
  tenantId: TenantId,
  rules: {
    readonly keep: number;
    readonly grace: number;
    readonly now: number;
    readonly replaced?: ReadonlySet<string>;
  },
): Promise<{ readonly imports: number; readonly files: number }> => {
  const { names } = readCurrentDataSet((await files.readManifest(tenantId))?.text);
  const removed = { imports: 0, files: 0 };
  let complete = 0;
  let replaced = rules.now;
  for (const importId of (await files.listImports(tenantId)).toReversed()) {
    const made = timeOfSortableUuid(importId);
    if (made === undefined) continue;
    const holds = (name: string): boolean => name.startsWith(`${importPrefix(importId)}/`);
    const isCurrent = [...names].some(holds);
    const isComplete = isCurrent || (await files.get(tenantId, manifestCopyName(importId))) !== undefined;
    const isKept = isCurrent || [...(rules.replaced ?? [])].some(holds) || (isComplete && complete < rules.keep);
    if (!isKept && (isComplete ? replaced : made) + rules.grace <= rules.now) {
      removed.files += await files.removeImport(tenantId, importId, new Set());
      removed.imports += 1;
    }
    if (!isComplete) continue;
    complete += 1;
    replaced = made + importDeadline;
  }
  return removed;
};
