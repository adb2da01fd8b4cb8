import { Readable } from 'node:stream';
import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { TenantId } from '../functions/auth/tenant.ts';
import type { DataSetFile } from '../functions/episodes/data-set.ts';
import { manifestName } from '../functions/episodes/manifest.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { checkInputs } from './check-inputs.ts';

/** The bucket that data sets are loaded into. */
export interface DataSetStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** One entry of the manifest's `output` (Bulk Data Access IG 2.0.0, "Response - Complete Status"). */
export interface ManifestOutput {
  readonly type: 'EpisodeOfCare';
  /** Key relative to the tenant's prefix. */
  readonly url: string;
  /** Lines that are not empty. */
  readonly count: number;
  readonly extension: { readonly bytes: number; readonly sha256: string };
}

/** What a manifest that was written says. */
export interface LoadedDataSet {
  readonly transactionTime: string;
  readonly output: readonly ManifestOutput[];
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

const manifestKey = (tenantId: TenantId): string => `${tenantId}/${manifestName}`;

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

/**
 * Makes files the tenant's current data set: stores them under a prefix that no other load has, then the manifest, which makes
 * them current. A report that is being made goes on with what it began with; the files of earlier loads stay where they are.
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
    const url = `${load}/EpisodeOfCare-${index + 1}.ndjson${name.endsWith('.gz') ? '.gz' : ''}`;
    return { type: 'EpisodeOfCare', url, count, extension: { bytes, sha256 } };
  });
  for (const [index, file] of files.entries()) await upload(store, `${tenantId}/${output[index]?.url}`, file);
  const manifest = {
    transactionTime,
    request: `urn:uuid:${load}`,
    requiresAccessToken: false,
    output,
    error: [],
  };
  const body = { Body: JSON.stringify(manifest), ContentType: 'application/json' };
  await store.s3.send(new PutObjectCommand({ Bucket: store.bucket, Key: manifestKey(tenantId), ...body }));
  return { transactionTime, output };
};
