import type { ImportSource } from '../auth/import-source.ts';
import type { BulkDataClient } from '../imports/bulk-data-client.ts';
import type { DataSetFiles } from '../imports/data-set-files.ts';
import type { Import } from '../imports/import.ts';
import type { ImportGrip } from '../imports/import-grip.ts';
import { longestRun, longestUntidy } from '../imports/import-limits.ts';
import { ImportError } from '../imports/import-problem.ts';
import { markTidy, recordCurrent } from '../imports/import-transitions.ts';
import { pruneDataSets } from '../imports/prune-data-sets.ts';
import { manifestCopyName, readCurrentDataSet } from '../imports/stored-manifest.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/** What tidying up works with in the bucket. */
export interface BucketWork {
  readonly grip: ImportGrip;
  readonly files: DataSetFiles;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for which older data sets stay. */
  readonly grace: number;
}

/** What it works with besides while the tenant has a server. */
export interface TidyWork extends BucketWork {
  readonly source: Pick<ImportSource, 'keep'>;
  readonly client: Pick<BulkDataClient, 'remove'>;
  readonly signal: AbortSignal;
}

const sumOf = ({ segments }: Import, member: 'count' | 'bytes'): number =>
  segments.reduce((sum, segment) => sum + segment[member], 0);

/** Tells that an import's data set is in use. */
export const logDone = ({ grip, clock, logger }: Pick<BucketWork, 'grip' | 'clock' | 'logger'>): void => {
  const { tenantId, importId, segments, plan, restarts, begun } = grip.import;
  logger.log('IMPORT_DONE', {
    tenant: tenantId,
    importId,
    files: segments.length,
    episodes: sumOf(grip.import, 'count'),
    bytes: sumOf(grip.import, 'bytes'),
    warnings: plan?.warnings,
    restarts,
    dataCutOff: plan?.transactionTime,
    milliseconds: clock.now() - begun,
  });
};

/**
 * Who is in use has been complete: a copy of its manifest stays with its files, by which it can be made current again. Called off, or over
 * its time, in the moment when its manifest was written: it is in use, and so it is done.
 */
const recordIfInUse = async (work: BucketWork): Promise<void> => {
  const { grip, files } = work;
  const { tenantId, importId, state } = grip.import;
  const manifest = await files.readManifest(tenantId);
  if (manifest === undefined || !readCurrentDataSet(manifest.text).isOf(importId)) return;
  const name = manifestCopyName(importId);
  if ((await files.get(tenantId, name)) === undefined) {
    await files.put(tenantId, name, Buffer.from(manifest.text), 'application/json');
  }
  if (state === 'DONE') return;
  await grip.save(recordCurrent);
  logDone(work);
};

const namesOf = ({ segments, importId }: Import): string[] => [
  ...segments.map(({ name }) => name),
  manifestCopyName(importId),
];

/** This import and those before it, with their ends. */
const knownEnds = ({ importId, state, begun, ended = begun, previous }: Import) => [
  { importId, state, ended },
  ...previous,
];

/** Who ends an import otherwise than by its last step waits for no run that may be under way: until when one may store something. */
const mayStoreUntil = (held: Import): number =>
  Math.max(0, ...knownEnds(held).map(({ state, ended }) => (state === 'DONE' ? 0 : ended + longestRun)));

/** @returns when it is looked again whether something is to be removed, within the hour; undefined where nothing ever is */
const tidyBucket = async (work: BucketWork, keep: number): Promise<number | undefined> => {
  await recordIfInUse(work);
  const { grip, files, clock, logger, grace } = work;
  const { tenantId, importId } = grip.import;
  await files.removeImport(tenantId, importId, new Set(namesOf(grip.import)));
  const now = clock.now();
  const ended = new Map(knownEnds(grip.import).map((one) => [one.importId, one.ended]));
  const rules = { keep, grace, now, ended };
  const { again = Number.POSITIVE_INFINITY, ...removed } = await pruneDataSets(files, tenantId, rules);
  if (removed.imports > 0) logger.log('DATA_SETS_REMOVED', { tenant: tenantId, ...removed });
  const next = Math.min(...[again, mayStoreUntil(grip.import)].filter((at) => at > now));
  return Number.isFinite(next) ? Math.min(next, now + longestUntidy) : undefined;
};

/**
 * After an import's end: removes what no data set needs, and has the server forget its export. What may not be removed yet, it is due for
 * once more: a failed import's files, when nobody can be at it any more; a data set that was replaced, after the grace.
 *
 * @throws ImportError where the server does not forget it; ImportLost; ServiceError of a store; the signal's reason
 */
export const tidyUp = async (work: TidyWork): Promise<void> => {
  const { grip, source, client, signal } = work;
  const again = await tidyBucket(work, source.keep);
  const { statusUrl } = grip.import;
  if (statusUrl !== undefined && !(await client.remove(statusUrl, signal))) {
    throw new ImportError('EXPORT_REFUSED', 'The server did not remove the export.');
  }
  await grip.save((held) => markTidy(held, again));
};

/**
 * The same for a tenant that has nowhere to import from any more. All its data sets stay, and so does the export on the server, which
 * cannot be asked (`IMPORT_NOT_TIDIED`).
 *
 * @throws ImportLost; ServiceError of a store
 */
export const tidyUpAlone = async (work: BucketWork): Promise<void> => {
  const { grip, logger } = work;
  const again = await tidyBucket(work, Number.POSITIVE_INFINITY);
  const { tenantId: tenant, importId, statusUrl } = grip.import;
  if (statusUrl !== undefined) {
    const problem = 'The server was not asked to remove the export: the tenant has none any more.';
    logger.log('IMPORT_NOT_TIDIED', { tenant, importId, errorCode: 'TENANT_NOT_IMPORTING', problem });
  }
  await grip.save((held) => markTidy(held, again));
};
