import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { TenantId } from '../auth/tenant.ts';
import { manifestName } from '../episodes/manifest.ts';
import { explainDependencyError, toDependencyError } from '../platform/dependency-error.ts';
import { ServiceError } from '../platform/service-error.ts';
import { type CurrentManifest, type DataSetFiles, importPrefix } from './data-set-files.ts';

const explain = (error: unknown): ServiceError =>
  error instanceof ServiceError ? error : toDependencyError('data-set-store', error);

/** Another manifest is there than the one that was seen: 412, or 409 where two such writes meet. */
const isBeaten = (error: unknown): boolean =>
  error instanceof S3ServiceException && [409, 412].includes(Number(error.$metadata.httpStatusCode));

/** S3 deletes so many objects with one request. */
const mostDeletions = 1000;

/** Data sets in an S3 bucket, below `<tenant>/`. */
export const createS3DataSetFiles = (s3: S3Client, bucket: string): DataSetFiles => {
  const keyOf = (tenantId: TenantId, name: string): string => `${tenantId}/${name}`;

  const put = (tenantId: TenantId, name: string, Body: Uint8Array | string, more: object) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(tenantId, name), Body, ...more }));

  const read = async (tenantId: TenantId, name: string): Promise<CurrentManifest | undefined> => {
    try {
      const request = new GetObjectCommand({ Bucket: bucket, Key: keyOf(tenantId, name) });
      const { Body, ETag, LastModified } = await s3.send(request);
      const text = (await Body?.transformToString('utf8')) ?? '';
      return { etag: ETag ?? '', text, modified: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
      throw explain(error);
    }
  };

  async function* listBelow(prefix: string, delimiter?: string) {
    try {
      const request = { Bucket: bucket, Prefix: prefix, ...(delimiter === undefined ? {} : { Delimiter: delimiter }) };
      yield* paginateListObjectsV2({ client: s3 }, request);
    } catch (error) {
      throw explain(error);
    }
  }

  const remove = async (keys: readonly string[]): Promise<void> => {
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete })).catch((error) => {
      throw explain(error);
    });
    if (Errors.length > 0) throw explainDependencyError('data-set-store', Errors[0]?.Code ?? 'undeleted');
  };

  return {
    async put(tenantId, name, bytes, contentType) {
      await put(tenantId, name, bytes, { ContentType: contentType }).catch((error: unknown) => {
        throw explain(error);
      });
    },

    get: async (tenantId, name) => (await read(tenantId, name))?.text,

    readManifest: (tenantId) => read(tenantId, manifestName),

    async publish(tenantId, manifest, seen) {
      const condition = seen === undefined ? { IfNoneMatch: '*' } : { IfMatch: seen.etag };
      try {
        await put(tenantId, manifestName, manifest, { ContentType: 'application/json', ...condition });
        return true;
      } catch (error) {
        if (isBeaten(error)) return false;
        throw explain(error);
      }
    },

    async listImports(tenantId) {
      const root = `${tenantId}/imports/`;
      const found: string[] = [];
      for await (const { CommonPrefixes = [] } of listBelow(root, '/')) {
        for (const { Prefix = '' } of CommonPrefixes) found.push(Prefix.slice(root.length, -1));
      }
      return found;
    },

    async removeImport(tenantId, importId, kept) {
      if (importId === '') throw new TypeError('an import without an id');
      const doomed: string[] = [];
      for await (const { Contents = [] } of listBelow(keyOf(tenantId, `${importPrefix(importId)}/`))) {
        for (const { Key = '' } of Contents) if (!kept.has(Key.slice(tenantId.length + 1))) doomed.push(Key);
      }
      for (let at = 0; at < doomed.length; at += mostDeletions) await remove(doomed.slice(at, at + mostDeletions));
      return doomed.length;
    },
  };
};
