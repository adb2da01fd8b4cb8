import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { explainDependencyError, toDependencyError } from '../platform/dependency-error.ts';
import { ServiceError } from '../platform/service-error.ts';

/** What a request to the bucket failed with, as the service's own error. A ServiceError stays what it is. */
export const toContentStoreError = (error: unknown): ServiceError =>
  error instanceof ServiceError ? error : toDependencyError('content-store', error);

/**
 * Deletes up to 1000 objects (S3's limit for one request). Keys that are not there are no error.
 *
 * @throws ServiceError as {@link explainDependencyError} has it when S3 kept one of them, and the SDK's errors
 */
export const deleteObjects = async (s3: S3Client, bucket: string, keys: readonly string[]): Promise<void> => {
  const request = { Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } };
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand(request));
  if (Errors.length > 0) throw explainDependencyError('content-store', Errors[0]?.Code ?? 'undeleted');
};
