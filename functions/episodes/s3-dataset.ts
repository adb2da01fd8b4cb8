import type { S3Client } from '@aws-sdk/client-s3';
import type { TenantId } from '../auth/tenant.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { DataSetSource, PinnedFile } from './data-set.ts';
import { type DataSetLimits, defaultLimits } from './data-set-limits.ts';
import { type ManifestFile, manifestName, parseManifest } from './manifest.ts';
import { requireRoom } from './require-room.ts';
import { type ObjectFault, type PinnedObject, pinObject, readObject } from './s3-stored-object.ts';

/** Requests under way at once while files are pinned. */
const concurrency = 16;

const changed = (cause: string): ServiceError => new ServiceError('DATA_SET_CHANGED', { cause });
const incomplete = (cause: string): ServiceError => new ServiceError('DATA_SET_INCOMPLETE', { cause });
const tooLarge = (cause: string): ServiceError => new ServiceError('DATA_SET_TOO_LARGE', { cause });

/** Results in the order of the items, a bounded number of them under way at once; none is begun after one has failed. */
const mapConcurrently = async <Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  const waiting = items.entries();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failed) return;
      results[index] = await map(item);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, guarded));
  return results;
};

const readManifest = async (
  s3: S3Client,
  object: PinnedObject,
  limits: DataSetLimits,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  if (object.bytes > limits.manifestBytes) throw tooLarge(`${manifestName}: more than ${limits.manifestBytes} bytes`);
  const explainFault = async () => changed(`${manifestName}: replaced while it was read`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readObject(s3, object, signal, explainFault)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Opens one file of a data set whose manifest is pinned, and checks it against both. */
const createFileOpener = (s3: S3Client, bucket: string, prefix: string, manifest: PinnedObject) => {
  /** A file that is gone or replaced: part of a new data set, or lost. */
  const explainFault = async (name: string, fault: ObjectFault, signal: AbortSignal): Promise<ServiceError> => {
    if (fault === 'replaced') return changed(`${name}: replaced since the data set was opened`);
    const current = await pinObject(s3, manifest, signal);
    if (current === 'missing' || current.etag !== manifest.etag) {
      return changed(`${manifestName}: replaced since the data set was opened`);
    }
    return incomplete(`${name}: the manifest names it, but it is not there`);
  };
  return async (named: ManifestFile, signal: AbortSignal): Promise<PinnedFile> => {
    const { name } = named;
    const object = await pinObject(s3, { bucket, key: `${prefix}/${name}` }, signal);
    if (object === 'missing') throw await explainFault(name, 'missing', signal);
    if (object.lastModified > manifest.lastModified)
      throw changed(`${name}: newer than the manifest, which comes last`);
    if (named.bytes !== undefined && named.bytes !== object.bytes) {
      throw incomplete(`${name}: ${object.bytes} bytes are stored, while the manifest gives ${named.bytes}`);
    }
    return {
      ...named,
      version: object.etag,
      bytes: object.bytes,
      read: (reading) => readObject(s3, object, reading, (fault) => explainFault(name, fault, reading)),
    };
  };
};

/**
 * Tenants' data sets in an S3 bucket: `<tenant>/manifest.json` and the files it names below `<tenant>/`. Every file is pinned by its
 * ETag when the data set is opened, and read only as that version. A file modified after the manifest (to the second, as S3 tells it)
 * belongs to a data set that is still being written.
 */
export const createS3DataSetSource = (
  s3: S3Client,
  bucket: string,
  limits: DataSetLimits = defaultLimits,
): DataSetSource => ({
  async openCurrent(tenantId: TenantId, signal, admit) {
    const pinned = await pinObject(s3, { bucket, key: `${tenantId}/${manifestName}` }, signal);
    if (pinned === 'missing') throw new ServiceError('DATA_SET_MISSING', { cause: `${manifestName} is not there` });
    const manifest = parseManifest(await readManifest(s3, pinned, limits, signal), limits);
    requireRoom(manifest.files, limits);
    admit?.(manifest.files);
    const openFile = createFileOpener(s3, bucket, tenantId, pinned);
    const files = await mapConcurrently(manifest.files, (file) => openFile(file, signal));
    requireRoom(files, limits);
    return { version: pinned.etag, transactionTime: manifest.transactionTime, files };
  },
});
