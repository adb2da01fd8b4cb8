import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { TenantId } from '../auth/tenant.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { readSummary, writeSummary } from './summary-bytes.ts';
import type { KeptSummary, SummaryKey, SummaryStore } from './summary-store.ts';

/** Where a summary lies: `<tenant>/Summary/<report>/<fingerprint>`, beside the tenant's Binaries. */
const keyOf = (tenantId: TenantId, { report, fingerprint }: SummaryKey): string =>
  `${tenantId}/Summary/${report}/${fingerprint}`;

/** More than ten thousand files and a thousand rejected lines take with the longest names. Anything larger is none of ours. */
const mostBytes = 32 * 1024 * 1024;

const explain = (error: unknown, signal: AbortSignal): Error => {
  signal.throwIfAborted();
  return toDependencyError('summary-store', error);
};

const isNamed = (error: unknown, name: string): boolean => error instanceof S3ServiceException && error.name === name;

/** 412 where the key is taken, 409 where somebody is writing it at this moment: either way by the same summary. */
const isThere = (error: unknown): boolean =>
  error instanceof S3ServiceException && [409, 412].includes(error.$metadata.httpStatusCode ?? 0);

/** Summaries in an S3 bucket, one object each. A role that reads them needs `s3:ListBucket` as well: without it S3 answers 403 for a missing key. */
export const createS3SummaryStore = (s3: S3Client, bucket: string): SummaryStore => ({
  async read(tenantId, key, signal): Promise<KeptSummary> {
    try {
      const request = new GetObjectCommand({ Bucket: bucket, Key: keyOf(tenantId, key) });
      const { Body, ContentLength = 0 } = await s3.send(request, { abortSignal: signal });
      if (Body === undefined) throw new TypeError('an answer without a body');
      if (ContentLength > mostBytes) {
        if (Body instanceof Readable) Body.destroy();
        return 'damaged';
      }
      return readSummary(key.fingerprint, await Body.transformToByteArray()) ?? 'damaged';
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return 'missing';
      throw explain(error, signal);
    }
  },

  async keep(tenantId, key, summary, signal) {
    const request = new PutObjectCommand({
      Bucket: bucket,
      Key: keyOf(tenantId, key),
      Body: writeSummary(key.fingerprint, summary),
      ContentType: 'application/octet-stream',
      IfNoneMatch: '*',
    });
    try {
      await s3.send(request, { abortSignal: signal });
    } catch (error) {
      if (!isThere(error)) throw explain(error, signal);
    }
  },
});
