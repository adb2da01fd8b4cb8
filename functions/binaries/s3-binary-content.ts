import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { TenantId } from '../auth/tenant.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { BinaryContent } from './binary-content.ts';

const requireOwnKey = (tenantId: TenantId, key: string): void => {
  if (!key.startsWith(`${tenantId}/Binary/`))
    throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'foreign-content-key' });
};

const explain = (error: unknown): ServiceError => toDependencyError('content-store', error);

/** How long a link to large content works. */
const linkSeconds = 60;

/**
 * `If-None-Match: *` makes the write create-only: 412 when the key exists, 409 when two such writes meet, which S3 wants to be tried
 * again (one whose answer was lost may still be under way when the SDK repeats it).
 */
const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

/** `NoSuchKey` of a GET; `NotFound` of a HEAD, whose answer has no body to say more. */
const explainRead = (error: unknown): ServiceError =>
  error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound')
    ? new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-missing' })
    : explain(error);

/** So often a write that met another one is tried again. */
const mostMeetings = 3;

/** Binary content in an S3 bucket. S3 checks each upload against the SDK's checksum before it answers. */
export const createS3BinaryContent = (s3: S3Client, bucket: string): BinaryContent => ({
  async put(tenantId, { key, contentType, bytes }, signal) {
    requireOwnKey(tenantId, key);
    const request = { Bucket: bucket, Key: key, Body: bytes, ContentType: contentType, IfNoneMatch: '*' };
    for (let meetings = 0; ; meetings += 1) {
      signal.throwIfAborted();
      try {
        await s3.send(new PutObjectCommand(request), { abortSignal: signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (hasStatus(error, 412)) return;
        if (!hasStatus(error, 409) || meetings >= mostMeetings) throw explain(error);
      }
    }
  },

  async get(tenantId, key) {
    requireOwnKey(tenantId, key);
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) throw new TypeError('an answer without a body');
      return await Body.transformToByteArray();
    } catch (error) {
      throw explainRead(error);
    }
  },

  async link(tenantId, key, { contentType, contentDisposition }) {
    requireOwnKey(tenantId, key);
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition,
    });
    try {
      await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return await getSignedUrl(s3, command, { expiresIn: linkSeconds });
    } catch (error) {
      throw explainRead(error);
    }
  },
});
