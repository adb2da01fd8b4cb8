import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { contentPrefix } from './binary.ts';
import type { BinaryEraser } from './binary-content.ts';
import { deleteObjects, toContentStoreError } from './s3-delete-objects.ts';

/** One page: a Binary has a handful of objects, S3 lists and deletes up to 1000 at once. */
const erasePage = async (s3: S3Client, bucket: string, prefix: string): Promise<number> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  if (keys.length > 0) await deleteObjects(s3, bucket, keys);
  return keys.length;
};

/**
 * Erases Binaries' bytes from an S3 bucket without versioning. Lists again after deleting (S3 lists what it holds, strongly consistent),
 * so that what it promises was seen.
 */
export const createS3BinaryEraser = (s3: S3Client, bucket: string): BinaryEraser => ({
  async eraseAll(tenantId, binaryId) {
    const prefix = contentPrefix(tenantId, binaryId);
    try {
      while ((await erasePage(s3, bucket, prefix)) > 0);
    } catch (error) {
      throw toContentStoreError(error);
    }
  },
});
