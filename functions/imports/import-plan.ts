import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { ExportFile } from './export-manifest.ts';
import { ImportError } from './import-problem.ts';

/** The files of an export in the order in which they are read. Kept beside what is read of them, and removed with the import's end. */
export interface ImportPlan {
  readonly requiresAccessToken: boolean;
  readonly files: readonly ExportFile[];
}

const schema = v.object({
  requiresAccessToken: v.boolean(),
  files: v.array(v.object({ url: v.string(), count: v.optional(v.number()) })),
});

/** Text form of a plan. It may hold links that are good by themselves: it belongs into the data bucket and nowhere else. */
export const writePlan = (plan: ImportPlan): string => JSON.stringify(plan);

/**
 * The plan in a text that this service wrote.
 *
 * @throws ImportError `FAULT` when it is missing or damaged
 */
export const readPlan = (text: string | undefined): ImportPlan => {
  try {
    return v.parse(schema, JSON.parse(text ?? ''));
  } catch {
    throw new ImportError('FAULT', 'The list of the files of the export is missing or damaged.');
  }
};

/**
 * Tells whether two manifests offer the same files in the same order: SHA-256 in lower-case hex over where each file is, without the query,
 * which is what a presigned link has new each time, and its count.
 */
export const digestFiles = (files: readonly ExportFile[]): string => {
  const places = files.map(({ url, count }) => {
    const { origin, pathname } = new URL(url);
    return [origin + pathname, count ?? null];
  });
  return createHash('sha256').update(JSON.stringify(places)).digest('hex');
};
