import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

/** An object in a bucket, or one version of it. */
export interface StoredObject {
  readonly key: string;
  /** Undefined in a bucket without versions, and where only current objects were asked for. */
  readonly versionId?: string | undefined;
  /** When it was stored: milliseconds since the epoch, to the second, as S3 tells it. */
  readonly written: number;
  /** Stored bytes; 0 for a delete marker. */
  readonly bytes: number;
  readonly kind: 'current' | 'older-version' | 'delete-marker';
}

/** One of which S3 does not tell when it was stored is as new as can be, and so deleted by nobody who deletes what is old. */
const timeOf = (lastModified: Date | undefined): number =>
  lastModified === undefined ? Number.POSITIVE_INFINITY : Math.floor(lastModified.getTime() / 1000) * 1000;

/** The objects below a prefix that can be read by their key alone. */
export const listCurrentObjects = async (
  s3: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<readonly StoredObject[]> => {
  const found: StoredObject[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
    for (const { Key = '', LastModified, Size = 0 } of Contents) {
      found.push({ key: Key, written: timeOf(LastModified), bytes: Size, kind: 'current' });
    }
  }
  return found;
};

const readPage = ({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): StoredObject[] => [
  ...Versions.map(({ Key = '', VersionId, LastModified, Size = 0, IsLatest = false }) => ({
    key: Key,
    versionId: VersionId,
    written: timeOf(LastModified),
    bytes: Size,
    kind: IsLatest ? ('current' as const) : ('older-version' as const),
  })),
  ...DeleteMarkers.map(({ Key = '', VersionId, LastModified }) => ({
    key: Key,
    versionId: VersionId,
    written: timeOf(LastModified),
    bytes: 0,
    kind: 'delete-marker' as const,
  })),
];

/** Everything below a prefix: every version and every delete marker, or the objects of an emulator that keeps no versions. */
export const listEveryVersion = async (
  s3: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<readonly StoredObject[]> => {
  const found: StoredObject[] = [];
  let from: Pick<ListObjectVersionsCommandOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = from;
    const request = { Bucket, Prefix, KeyMarker, VersionIdMarker };
    const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand(request));
    found.push(...readPage(page));
    from = page.IsTruncated === true ? page : {};
  } while (from.NextKeyMarker !== undefined);
  return found.length > 0 ? found : listCurrentObjects(s3, Bucket, Prefix);
};

/** S3 deletes so many objects with one request. */
const mostAtOnce = 1000;

/**
 * Deletes exactly what is given: a version or a delete marker for good; an object without a version id as a reader sees it, which in a
 * bucket with versions can be undone.
 *
 * @throws Error where S3 keeps one
 */
export const deleteObjects = async (
  s3: S3Client,
  Bucket: string,
  objects: readonly Pick<StoredObject, 'key' | 'versionId'>[],
): Promise<void> => {
  for (let at = 0; at < objects.length; at += mostAtOnce) {
    const Objects: ObjectIdentifier[] = objects
      .slice(at, at + mostAtOnce)
      .map(({ key, versionId }) => ({ Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) }));
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (Errors.length > 0) throw new Error(`S3 has kept ${Errors.length} objects: ${Errors[0]?.Code ?? 'unknown'}`);
  }
};
