import { Readable } from 'node:stream';
import { HeadObjectCommand, NotFound, PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { TenantId } from '../functions/auth/tenant.ts';
import type { DataSetFile } from '../functions/episodes/data-set.ts';
import { importPrefix } from '../functions/imports/data-set-files.ts';
import { continueHistory, longestGrace, readHistory, writeExtension } from '../functions/imports/data-set-history.ts';
import { manifestCopyName, readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { checkInputs } from './check-inputs.ts';
import { type DataSetStore, type ManifestInUse, manifestKey, readManifestInUse } from './manifest-in-use.ts';
import { pruneLoads } from './prune-loads.ts';

/** One entry of the manifest's `output` (Bulk Data Access IG 2.0.0, "Response - Complete Status"). */
export interface ManifestOutput {
  readonly type: 'EpisodeOfCare';
  /** Key relative to the tenant's prefix. */
  readonly url: string;
  /** Lines that are not empty. */
  readonly count: number;
  readonly extension: { readonly bytes: number; readonly sha256: string };
}

/** What a manifest that was written says, and what became of the files of earlier loads. */
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

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** What was replaced when: without, nothing of the tenant's is removed for a day. */
const tellHistory = (replaced: ManifestInUse | undefined): object => {
  const history = readHistory(replaced && { text: replaced.text, modified: replaced.written });
  const { imports } = readCurrentDataSet(replaced?.text);
  return writeExtension(continueHistory(history, imports, { now: systemClock.now(), grace: longestGrace }));
};

/** Who may store and not read or delete can load all the same. */
const pruneAfter = async (
  store: DataSetStore,
  tenantId: TenantId,
  output: readonly ManifestOutput[],
  replaced: ManifestInUse | undefined | Error,
): Promise<number | Error> => {
  if (replaced instanceof Error) return replaced;
  const current = new Set(output.map(({ url }) => `${tenantId}/${url}`));
  return pruneLoads(store, tenantId, { current, replaced, now: systemClock.now() }).catch(toError);
};

/**
 * Makes files the tenant's current data set: stores them in a folder that no other load has, beside those of imports, then the manifest,
 * which makes them current. A report that is being made goes on with what it began with: the files of the data set that was replaced stay,
 * and the next load or import of another day removes them ({@link pruneLoads}).
 *
 * @param transactionTime the data cut-off, a FHIR instant
 * @throws UnusableInput before anything is stored, where no report could be made from the files ({@link checkInputs})
 */
export const loadDataSet = async (
  store: DataSetStore,
  tenantId: TenantId,
  files: readonly DataSetFile[],
  transactionTime: string,
): Promise<LoadedDataSet> => {
  const load = randomIds.sortableUuid(systemClock.now());
  const reads = await checkInputs(files);
  const output = reads.map(({ name, bytes, sha256, lines: count }, index): ManifestOutput => {
    const url = `${importPrefix(load)}/EpisodeOfCare-${index + 1}.ndjson${name.endsWith('.gz') ? '.gz' : ''}`;
    return { type: 'EpisodeOfCare', url, count, extension: { bytes, sha256 } };
  });
  for (const [index, file] of files.entries()) await upload(store, `${tenantId}/${output[index]?.url}`, file);
  const replaced = await readManifestInUse(store, tenantId).catch(toError);
  const manifest = {
    transactionTime,
    request: `urn:uuid:${load}`,
    requiresAccessToken: false,
    ...(replaced instanceof Error ? {} : { extension: tellHistory(replaced) }),
    output,
    error: [],
  };
  const put = (Key: string) => {
    const body = { Body: JSON.stringify(manifest), ContentType: 'application/json' };
    return store.s3.send(new PutObjectCommand({ Bucket: store.bucket, Key, ...body }));
  };
  await put(manifestKey(tenantId));
  // Its copy says that it was in use.
  await put(`${tenantId}/${manifestCopyName(load)}`);
  return { transactionTime, output, removed: await pruneAfter(store, tenantId, output, replaced) };
};
