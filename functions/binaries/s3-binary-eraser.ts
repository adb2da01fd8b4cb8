import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { ServiceError } from '../platform/service-error.ts';
import { contentPrefix } from './binary.ts';
import type { BinaryEraser } from './binary-content.ts';

const unavailable = (reason: string): ServiceError =>
  new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: `content-store ${reason}` });

/** One page: a Binary has a handful of objects, S3 lists and deletes up to 1000 at once. */
const erasePage = async (s3: S3Client, bucket: string, prefix: string): Promise<number> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
  if (objects.length === 0) return 0;
  const request = { Bucket: bucket, Delete: { Objects: objects, Quiet: true } };
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand(request));
  if (Errors.length > 0) throw unavailable(Errors[0]?.Code ?? 'undeleted');
  return objects.length;
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
      if (error instanceof ServiceError) throw error;
      throw unavailable(error instanceof S3ServiceException ? error.name : 'connection');
    }
  },
});
