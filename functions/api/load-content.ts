import { type BinaryVersion, sha256Hex } from '../binaries/binary.ts';
import type { BinaryContent } from '../binaries/binary-content.ts';
import type { Job } from '../jobs/job.ts';
import type { Logger } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';

/** What loading needs. */
export interface ContentDependencies {
  readonly content: Omit<BinaryContent, 'put'>;
  readonly logger: Logger;
}

/**
 * The bytes of a version, checked against the record's SHA-256 (invariant I3).
 *
 * @throws ServiceError `GENERAL_INTERNAL_ERROR` when they are not there or are not those, `GENERAL_DEPENDENCY_UNAVAILABLE`
 */
export const loadContent = async (
  { content, logger }: ContentDependencies,
  job: Job,
  version: BinaryVersion,
  requestId: string,
): Promise<Uint8Array> => {
  const bytes =
    version.content.kind === 'inline'
      ? Buffer.from(version.content.base64, 'base64')
      : await content.get(job.tenantId, version.content.key);
  if (sha256Hex(bytes) === version.sha256) return bytes;
  const { binaryId, tenantId: tenant } = job;
  logger.log('CONTENT_CORRUPT', { requestId, tenant, binaryId, versionId: version.versionId });
  throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-corrupt' });
};
