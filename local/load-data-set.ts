import { Readable } from 'node:stream';
import { HeadObjectCommand, NotFound } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { TenantId } from '../functions/auth/tenant.ts';
import type { DataSetFile } from '../functions/episodes/data-set.ts';
import { importPrefix } from '../functions/imports/data-set-files.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { checkInputs } from './check-inputs.ts';
import { type ManifestOutput, makeLoadCurrent, toError } from './make-load-current.ts';
import { type DataSetStore, type ManifestInUse, manifestKey } from './manifest-in-use.ts';
import { pruneLoads } from './prune-loads.ts';

/** What a manifest that was written says, and what became of the files of earlier loads and imports. */
export interface LoadedDataSet {
  readonly transactionTime: string;
  readonly output: readonly ManifestOutput[];
  /** Files that were removed, or why none could be. */
  readonly removed: number | Error;
}

const signal = new AbortController().signal;
const partBytes = 8 * 1024 * 1024;

const upload = async ({ s3, bucket }: DataSetStore, key: string, file: DataSetFile): Promise<void> => {
  const params = {
    Bucket: bucket,
    Key: key,
    Body: Readable.from(file.read(signal)),
    ContentType: 'application/fhir+ndjson',
  };
  await new Upload({ client: s3, params, partSize: partBytes, queueSize: 2 }).done();
};

/** Whether the tenant has a data set. */
export const hasDataSet = async ({ s3, bucket }: DataSetStore, tenantId: TenantId): Promise<boolean> => {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: manifestKey(tenantId) }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
};

/** Who may store and not read or delete can load all the same. */
const pruneAfter = async (
  store: DataSetStore,
  tenantId: TenantId,
  output: readonly ManifestOutput[],
  { replaced, keep }: { readonly replaced: ManifestInUse | undefined | Error; readonly keep: number },
): Promise<number | Error> => {
  if (replaced instanceof Error) return replaced;
  const current = new Set(output.map(({ url }) => `${tenantId}/${url}`));
  return pruneLoads(store, tenantId, { current, replaced, keep, now: systemClock.now() }).catch(toError);
};

/**
 * Makes files the tenant's current data set: stores them in a folder that no other load has, beside those of imports, then the manifest,
 * which makes them current. A report that is being made goes on with what it began with: the files of the data set that was replaced stay,
 * and the next load or import of another day removes them ({@link pruneLoads}).
 *
 * @param transactionTime the data cut-off, a FHIR instant
 * @param keep how many of the tenant's newest data sets stay, this one among them
 * @throws UnusableInput before anything is stored, where no report could be made from the files ({@link checkInputs}); CommandError, and
 *   nothing was made current, where what was stored is gone again, and where another data set became current in the same moment
 */
export const loadDataSet = async (
  store: DataSetStore,
  tenantId: TenantId,
  files: readonly DataSetFile[],
  transactionTime: string,
  keep = 1,
): Promise<LoadedDataSet> => {
  const load = randomIds.sortableUuid(systemClock.now());
  const reads = await checkInputs(files);
  const output = reads.map(({ name, bytes, sha256, lines: count }, index): ManifestOutput => {
    const url = `${importPrefix(load)}/EpisodeOfCare-${index + 1}.ndjson${name.endsWith('.gz') ? '.gz' : ''}`;
    return { type: 'EpisodeOfCare', url, count, extension: { bytes, sha256 } };
  });
  for (const [index, file] of files.entries()) await upload(store, `${tenantId}/${output[index]?.url}`, file);
  const replaced = await makeLoadCurrent(store, tenantId, { id: load, transactionTime, output });
  return { transactionTime, output, removed: await pruneAfter(store, tenantId, output, { replaced, keep }) };
};
