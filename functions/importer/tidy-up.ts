import type { ImportSource } from '../auth/import-source.ts';
import type { BulkDataClient } from '../imports/bulk-data-client.ts';
import type { DataSetFiles } from '../imports/data-set-files.ts';
import type { Import } from '../imports/import.ts';
import type { ImportGrip } from '../imports/import-grip.ts';
import { ImportError } from '../imports/import-problem.ts';
import { giveBackImport, markTidy, recordCurrent } from '../imports/import-transitions.ts';
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

/** Called off, or over its time, in the moment when its manifest was written: it is in use, and so it is done. */
const recordIfInUse = async (work: BucketWork): Promise<void> => {
  const { grip, files } = work;
  const { tenantId, importId, state } = grip.import;
  if (state === 'DONE' || !readCurrentDataSet((await files.readManifest(tenantId))?.text).isOf(importId)) return;
  await grip.save(recordCurrent);
  logDone(work);
};

const tidyBucket = async (
  { grip, files, clock, logger, grace }: BucketWork,
  kept: readonly string[],
  keep: number,
): Promise<void> => {
  const { tenantId, importId } = grip.import;
  await files.removeImport(tenantId, importId, new Set(kept));
  const removed = await pruneDataSets(files, tenantId, { keep, grace, now: clock.now() });
  if (removed.imports > 0) logger.log('DATA_SETS_REMOVED', { tenant: tenantId, ...removed });
};

const namesOf = ({ segments, importId }: Import): string[] => [
  ...segments.map(({ name }) => name),
  manifestCopyName(importId),
];

/**
 * After an import's end: removes what no data set needs, and has the server forget its export. What a failed import has stored stays for
 * the grace: a worker that was frozen could still come back to it.
 *
 * @throws ImportError where the server does not forget it; ImportLost; ServiceError of a store; the signal's reason
 */
export const tidyUp = async (work: TidyWork): Promise<void> => {
  const { grip, source, client, signal } = work;
  await recordIfInUse(work);
  await tidyBucket(work, namesOf(grip.import), source.keep);
  const { statusUrl } = grip.import;
  if (statusUrl !== undefined && !(await client.remove(statusUrl, signal))) {
    throw new ImportError('EXPORT_REFUSED', 'The server did not remove the export.');
  }
  await grip.save(markTidy);
};

/** By then no run of an importer goes on that was under way when the import ended: AWS Lambda allows one 15 minutes. */
const settled = 15 * 60_000;

/**
 * The same for a tenant that has nowhere to import from any more, so that no later import will tidy up: what an import has stored that did
 * not become a data set is removed, once nobody can be at it any more. Data sets stay, and so does the export on the server, which cannot
 * be asked (`IMPORT_NOT_TIDIED`).
 *
 * @throws ImportLost; ServiceError of a store
 */
export const tidyUpAlone = async (work: BucketWork): Promise<void> => {
  const { grip, clock, logger } = work;
  const over = (grip.import.ended ?? 0) + settled;
  if (clock.now() < over) return grip.save((held) => giveBackImport(held, over));
  await recordIfInUse(work);
  const { tenantId: tenant, importId, state, statusUrl } = grip.import;
  await tidyBucket(work, state === 'DONE' ? namesOf(grip.import) : [], Number.POSITIVE_INFINITY);
  if (statusUrl !== undefined) {
    const problem = 'The server was not asked to remove the export: the tenant has none any more.';
    logger.log('IMPORT_NOT_TIDIED', { tenant, importId, errorCode: 'TENANT_NOT_IMPORTING', problem });
  }
  await grip.save(markTidy);
};
