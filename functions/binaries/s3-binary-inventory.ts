import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { isTenantId, type TenantId } from '../auth/tenant.ts';
import { leastSortableUuid } from '../platform/ids.ts';
import { ServiceError } from '../platform/service-error.ts';
import { isBinaryId } from './binary.ts';
import type { BinaryInventory, OrderWindow, StoredBinary } from './binary-inventory.ts';
import { deleteObjects, toContentStoreError } from './s3-delete-objects.ts';

/** S3 deletes so many objects with one request. */
const mostDeletions = 1000;

type ListInput = Omit<ConstructorParameters<typeof ListObjectsV2Command>[0], 'Bucket' | 'ContinuationToken'>;

async function* listPages(s3: S3Client, bucket: string, input: ListInput): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const request = new ListObjectsV2Command({ ...input, Bucket: bucket, ContinuationToken: token });
    const page: ListObjectsV2CommandOutput = await s3.send(request).catch((error: unknown) => {
      throw toContentStoreError(error);
    });
    yield page;
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** S3 lists in the order of the keys, and Binary ids sort by when they were made: so a window of time is a stretch of the list. */
async function* listObjects(
  s3: S3Client,
  bucket: string,
  Prefix: string,
  { from, to }: OrderWindow,
): AsyncGenerator<StoredObject> {
  const end = `${Prefix}${leastSortableUuid(to)}`;
  for await (const { Contents = [] } of listPages(s3, bucket, {
    Prefix,
    StartAfter: `${Prefix}${leastSortableUuid(from)}`,
  })) {
    for (const { Key: key = '', Size: size = 0 } of Contents) {
      if (key >= end) return;
      yield { key, size };
    }
  }
}

async function* groupByBinary(objects: AsyncIterable<StoredObject>, prefix: string): AsyncGenerator<StoredBinary> {
  let current: { readonly binaryId: string; readonly keys: string[]; readonly sizes: number[] } | undefined;
  for await (const { key, size } of objects) {
    const [binaryId = ''] = key.slice(prefix.length).split('/', 1);
    if (!isBinaryId(binaryId)) continue;
    if (current?.binaryId !== binaryId) {
      if (current !== undefined) yield current;
      current = { binaryId, keys: [], sizes: [] };
    }
    current.keys.push(key);
    current.sizes.push(size);
  }
  if (current !== undefined) yield current;
}

const prefixOf = (tenantId: TenantId): string => `${tenantId}/Binary/`;

/** The inventory of an S3 bucket: one request for each 1000 tenants, and for each tenant one, and one more for each further 1000 objects. */
export const createS3BinaryInventory = (s3: S3Client, bucket: string): BinaryInventory => ({
  async *tenants() {
    for await (const { CommonPrefixes = [] } of listPages(s3, bucket, { Delimiter: '/' })) {
      for (const { Prefix = '' } of CommonPrefixes) {
        const tenant = Prefix.slice(0, -1);
        if (isTenantId(tenant)) yield tenant;
      }
    }
  },

  binaries(tenantId, window) {
    const prefix = prefixOf(tenantId);
    return groupByBinary(listObjects(s3, bucket, prefix, window), prefix);
  },

  async remove(tenantId, keys) {
    if (keys.some((key) => !key.startsWith(prefixOf(tenantId)))) {
      throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'foreign-content-key' });
    }
    try {
      for (let at = 0; at < keys.length; at += mostDeletions) {
        await deleteObjects(s3, bucket, keys.slice(at, at + mostDeletions));
      }
    } catch (error) {
      throw toContentStoreError(error);
    }
  },
});
