import { checkExportErrors } from './check-export-errors.ts';
import type { ManifestPage } from './export-manifest.ts';
import type { ImportLimits } from './import-limits.ts';
import type { ImportPlan } from './import-plan.ts';
import { ImportError } from './import-problem.ts';
import type { FileDependencies } from './open-export-file.ts';

/** A completed export: what is to be read, and what is to be known of it. */
export interface CompletedExport {
  readonly plan: ImportPlan;
  readonly transactionTime: string;
  /** Files of `error[]`, all harmless. */
  readonly warnings: number;
}

const unusable = (why: string) => new ImportError('MANIFEST_UNUSABLE', `The manifest of the export: ${why}.`);

/** As each page comes: one has some 400 000 entries at most, a hundred more than the memory. */
const requireFew = (pages: readonly ManifestPage[], { files }: Pick<ImportLimits, 'files'>): void => {
  const count = (kind: 'files' | 'errors') => pages.reduce((sum, page) => sum + page[kind].length, 0);
  if (count('files') > files) throw new ImportError('TOO_LARGE', `The export has more than ${files} files.`);
  if (count('errors') > files) throw new ImportError('TOO_LARGE', `The export has more than ${files} files of errors.`);
};

/**
 * Reads the rest of a manifest whose first page is there, and the export's `error[]`.
 *
 * @throws ImportError `MANIFEST_UNUSABLE` when its pages do not fit together, `TOO_LARGE`, `EXPORT_HAS_ERRORS`, and what reading gives
 */
export const readExport = async (
  dependencies: FileDependencies,
  first: ManifestPage,
  limits: ImportLimits,
  signal: AbortSignal,
): Promise<CompletedExport> => {
  const pages = [first];
  requireFew(pages, limits);
  for (let next = first.next; next !== undefined; next = pages.at(-1)?.next) {
    if (pages.length >= limits.pages)
      throw new ImportError('TOO_LARGE', `The manifest has more than ${limits.pages} pages.`);
    pages.push(await dependencies.client.readPage(next, signal));
    requireFew(pages, limits);
  }
  const { transactionTime, requiresAccessToken } = first;
  if (pages.some((page) => page.transactionTime !== transactionTime))
    throw unusable('its pages are of several exports');
  if (pages.some((page) => page.requiresAccessToken !== requiresAccessToken)) {
    throw unusable('its pages do not agree on requiresAccessToken');
  }
  const files = pages.flatMap((page) => page.files);
  if (new Set(files.map(({ url }) => url)).size < files.length) throw unusable('the same file stands in it twice');
  const errors = pages.flatMap((page) => page.errors);
  const warnings = await checkExportErrors(dependencies, errors, requiresAccessToken, limits, signal);
  return { plan: { requiresAccessToken, files }, transactionTime, warnings };
};
