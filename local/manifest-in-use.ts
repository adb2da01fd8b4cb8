import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { TenantId } from '../functions/auth/tenant.ts';
import { manifestName } from '../functions/episodes/manifest.ts';
import { importPrefix } from '../functions/imports/data-set-files.ts';
import { manifestCopyName, readCurrentDataSet } from '../functions/imports/stored-manifest.ts';

/** The bucket that data sets are in. */
export interface DataSetStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** The manifest that makes a data set a tenant's current one. */
export interface ManifestInUse {
  /** Since when, in milliseconds since the epoch; S3 tells it to the second. What it replaced was in use until then. */
  readonly written: number;
  readonly text: string;
  /** Tells it from any other. */
  readonly etag: string;
  /** `transactionTime`, the cut-off; undefined in a manifest that cannot be read. */
  readonly transactionTime: string | undefined;
  /** The keys of all its files, the tenant's prefix included; none of a manifest that cannot be read. */
  readonly keys: ReadonlySet<string>;
}

/** The key of a tenant's manifest. */
export const manifestKey = (tenantId: TenantId): string => `${tenantId}/${manifestName}`;

/** What stands before the keys of all that a tenant's imports and loads have stored. */
export const importsRoot = (tenantId: TenantId): string => `${tenantId}/${importPrefix('')}`;

/** Whose folder an object lies in: the id of an import or a load; undefined for what lies elsewhere. */
export const importIdOf = (tenantId: TenantId, key: string): string | undefined => {
  const root = importsRoot(tenantId);
  return key.startsWith(root) ? key.slice(root.length).split('/')[0] : undefined;
};

/** The key of the copy of its manifest that an import or a load keeps which was in use. */
export const copyKey = (tenantId: TenantId, importId: string): string => `${tenantId}/${manifestCopyName(importId)}`;

/**
 * A tenant's manifest as it is now, or undefined where it has none.
 *
 * @throws the SDK's errors
 */
export const readManifestInUse = async (
  { s3, bucket }: DataSetStore,
  tenantId: TenantId,
): Promise<ManifestInUse | undefined> => {
  try {
    const {
      Body,
      ETag = '',
      LastModified,
    } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifestKey(tenantId) }));
    if (LastModified === undefined) throw new Error('S3 does not tell when the manifest was written');
    const text = (await Body?.transformToString('utf8')) ?? '';
    const { transactionTime, names } = readCurrentDataSet(text);
    const keys = new Set([...names].map((name) => `${tenantId}/${name}`));
    return { written: LastModified.getTime(), text, etag: ETag, transactionTime, keys };
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
};
