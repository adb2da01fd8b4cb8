import type { Caller } from '../../auth/caller.ts';
import { type BinaryVersion, contentTypes, downloadName, isBinaryId, sha256Hex } from '../../binaries/binary.ts';
import type { BinaryContent } from '../../binaries/binary-content.ts';
import { chooseBinaryForm } from '../../fhir/content-negotiation.ts';
import { toFhirInstant } from '../../fhir/fhir-date-time.ts';
import { currentVersion, type Job } from '../../jobs/job.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { ApiRequest } from '../api-request.ts';
import type { ApiResponse } from '../api-response.ts';
import { describeBinary, toETag, versionHeaders } from '../binary-resource.ts';
import type { Operation } from '../operation.ts';
import { waitHeader } from '../wait-header.ts';

/** What reading needs. */
export interface ReadDependencies {
  readonly jobs: JobStore;
  readonly content: BinaryContent;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly baseUrl: string;
}

/** The role that every interaction with a Binary needs. */
export const binaryRole = 'Binary.read';

/** Looked up in place of an id that is none of ours, so that a malformed id costs what an unknown one does. Never given out. */
const nobodysId = '00000000-0000-7000-8000-000000000000';

const notFound = (id: string): ServiceError =>
  new ServiceError('GENERAL_RESOURCE_NOT_FOUND', { args: ['Binary', isBinaryId(id) ? id : '(malformed)'] });

/**
 * The caller's own job behind a Binary id.
 *
 * @throws ServiceError `GENERAL_RESOURCE_NOT_FOUND` alike for foreign, unknown and malformed ids (invariant I4),
 *   `GENERAL_RESOURCE_DELETED` for the owner once retention has ended
 */
const readOwnJob = async ({ jobs, clock }: ReadDependencies, caller: Caller, id: string): Promise<Job> => {
  const job = await jobs.read(caller.tenant.id, isBinaryId(id) ? id : nobodysId);
  if (job === undefined || job.userId !== caller.userId) throw notFound(id);
  if (job.expires <= clock.now())
    throw new ServiceError('GENERAL_RESOURCE_DELETED', { args: [toFhirInstant(job.expires)] });
  return job;
};

const findVersion = (job: Job, versionId: string | undefined): BinaryVersion => {
  if (versionId === undefined) return currentVersion(job);
  const version = job.versions.find((known) => String(known.versionId) === versionId);
  if (version === undefined) throw notFound(job.binaryId);
  return version;
};

/** The bytes of a version, checked against the record's SHA-256 (invariant I3). */
const loadBytes = async (
  { content, logger }: ReadDependencies,
  job: Job,
  version: BinaryVersion,
  request: ApiRequest,
) => {
  const bytes =
    version.content.kind === 'inline'
      ? Buffer.from(version.content.base64, 'base64')
      : await content.get(job.tenantId, version.content.key);
  if (sha256Hex(bytes) === version.sha256) return bytes;
  const { binaryId, tenantId: tenant } = job;
  logger.log('CONTENT_CORRUPT', { requestId: request.requestId, tenant, binaryId, versionId: version.versionId });
  throw new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-corrupt' });
};

/** Weak comparison of `If-None-Match` (RFC 9110 section 13.1.2); `*` fits every version. */
const matchesETag = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag.replace(/^W\//, ''));

const answer = async (
  dependencies: ReadDependencies,
  request: ApiRequest,
  job: Job,
  version: BinaryVersion,
): Promise<ApiResponse> => {
  const form = chooseBinaryForm(request.wish, [version.contentType]);
  const headers = {
    ...versionHeaders(dependencies.baseUrl, job, version),
    vary: 'accept, accept-encoding',
    ...(version === currentVersion(job) ? waitHeader([job], dependencies.clock.now()) : {}),
  };
  if (matchesETag(request.header('if-none-match'), toETag(version))) return { status: 304, headers };
  const bytes = await loadBytes(dependencies, job, version, request);
  if (form === 'resource') {
    return { status: 200, headers, body: { kind: 'resource', resource: describeBinary(job, version, bytes) } };
  }
  const disposition = `attachment; filename="${downloadName(job.report, job.binaryId, version)}"`;
  return {
    status: 200,
    headers: { ...headers, 'content-disposition': disposition },
    body: { kind: 'bytes', contentType: version.contentType, bytes },
  };
};

/** `GET Binary/{id}` (the current version) and `GET Binary/{id}/_history/{vid}`, for the user who ordered the report. */
export const createReadBinary = (dependencies: ReadDependencies): Operation => ({
  name: 'Binary read',
  role: binaryRole,
  ordersReports: false,
  readsBody: false,
  requireFormat: ({ wish }) => void chooseBinaryForm(wish, contentTypes),
  async run({ request, caller, captured: [id = '', versionId] }) {
    const job = await readOwnJob(dependencies, caller, id);
    return answer(dependencies, request, job, findVersion(job, versionId));
  },
});
