import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { TenantId } from '../functions/auth/tenant.ts';
import { continueHistory, longestGrace, readHistory, writeExtension } from '../functions/imports/data-set-history.ts';
import { createS3DataSetFiles } from '../functions/imports/s3-data-set-files.ts';
import { readCurrentDataSet } from '../functions/imports/stored-manifest.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { isRefusal, toDependencyError } from '../functions/platform/dependency-error.ts';
import { CommandError } from './command-line.ts';
import {
  copyKey,
  type DataSetStore,
  importsRoot,
  type ManifestInUse,
  manifestKey,
  readManifestInUse,
} from './manifest-in-use.ts';
import { listCurrentObjects } from './stored-objects.ts';

/** One entry of the manifest's `output` (Bulk Data Access IG 2.0.0, "Response - Complete Status"). */
export interface ManifestOutput {
  readonly type: 'EpisodeOfCare';
  /** Key relative to the tenant's prefix. */
  readonly url: string;
  /** Lines that are not empty. */
  readonly count: number;
  readonly extension: { readonly bytes: number; readonly sha256: string };
}

/** A load whose files are stored. */
export interface Load {
  /** A UUID of version 7; also the folder of what it has stored. */
  readonly id: string;
  /** The data cut-off, a FHIR instant. */
  readonly transactionTime: string;
  readonly output: readonly ManifestOutput[];
}

/** Whatever was thrown, as an error. */
export const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** What was replaced when: without, nothing of the tenant's is removed for a day. */
const tellHistory = (replaced: ManifestInUse | undefined): object => {
  const history = readHistory(replaced && { text: replaced.text, modified: replaced.written });
  const { imports } = readCurrentDataSet(replaced?.text);
  return writeExtension(continueHistory(history, imports, { now: systemClock.now(), grace: longestGrace }));
};

/** What was read, or why it may not be: who may store and not read or delete can load all the same. Any other error is thrown. */
const unlessRefused = <Read>(reading: Promise<Read>): Promise<Read | Error> =>
  reading.catch((error: unknown) => {
    if (isRefusal(toDependencyError('data-set-store', error))) return toError(error);
    throw error;
  });

/**
 * Looks whether all files of a load or an import are there: of a load that takes over a day they are removed as of one that broke off. Who
 * may not look goes on.
 *
 * @throws CommandError that names one which is not
 */
export const requireStored = async (
  { s3, bucket }: DataSetStore,
  tenantId: TenantId,
  { id, output }: { readonly id: string; readonly output: readonly Pick<ManifestOutput, 'url'>[] },
): Promise<void> => {
  const stored = await unlessRefused(listCurrentObjects(s3, bucket, `${importsRoot(tenantId)}${id}/`));
  if (stored instanceof Error) return;
  const there = new Set(stored.map(({ key }) => key));
  const missing = output.find(({ url }) => !there.has(`${tenantId}/${url}`))?.url;
  if (missing === undefined) return;
  throw new CommandError(`Nothing was made current: ${missing}, one of its files, is not there any more.`);
};

const put = ({ s3, bucket }: DataSetStore, key: string, text: string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' }));

const isReplaced = async (
  store: DataSetStore,
  tenantId: TenantId,
  text: string,
  seen: ManifestInUse | undefined,
): Promise<boolean> => {
  const current = seen && { etag: seen.etag, text: seen.text, modified: seen.written };
  if (await createS3DataSetFiles(store.s3, store.bucket).publish(tenantId, text, current)) return true;
  // Ours, where the answer to it was lost and it was sent again.
  return (await readManifestInUse(store, tenantId))?.text === text;
};

/**
 * Makes a manifest the tenant's current one, with what it replaces told in its `extension`: in place of exactly the one that was seen, so
 * that no import or load of the same moment is replaced unseen.
 *
 * @returns its text, and the manifest that it has replaced, undefined where there was none; or why that may not be read
 * @throws CommandError, and nothing was made current, where another data set became current in the same moment
 */
export const publishManifest = async (
  store: DataSetStore,
  tenantId: TenantId,
  manifest: object,
): Promise<{ readonly text: string; readonly replaced: ManifestInUse | undefined | Error }> => {
  const replaced = await unlessRefused(readManifestInUse(store, tenantId));
  if (replaced instanceof Error) {
    const text = JSON.stringify(manifest);
    await put(store, manifestKey(tenantId), text);
    return { text, replaced };
  }
  const text = JSON.stringify({ ...manifest, extension: tellHistory(replaced) });
  if (await isReplaced(store, tenantId, text, replaced)) return { text, replaced };
  throw new CommandError(
    `Nothing was made current: another data set of ${tenantId} became the one in use at this moment. See which (npm run imports), and do it again if it is to be replaced.`,
  );
};

/**
 * Makes a load the tenant's current data set, by its manifest. A copy of that stays with its files and says that it was in use.
 *
 * @returns the manifest that it has replaced, undefined where there was none; or why that may not be read
 * @throws CommandError, and nothing was made current, where what was stored is gone again, and where another data set became current in
 *   the same moment
 */
export const makeLoadCurrent = async (
  store: DataSetStore,
  tenantId: TenantId,
  load: Load,
): Promise<ManifestInUse | undefined | Error> => {
  await requireStored(store, tenantId, load);
  const { id, transactionTime, output } = load;
  const manifest = { transactionTime, request: `urn:uuid:${id}`, requiresAccessToken: false, output, error: [] };
  const { text, replaced } = await publishManifest(store, tenantId, manifest);
  await put(store, copyKey(tenantId, id), text);
  return replaced;
};
