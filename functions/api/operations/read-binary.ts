import { type BinaryVersion, contentTypes, downloadName } from '../../binaries/binary.ts';
import { chooseBinaryForm } from '../../fhir/content-negotiation.ts';
import { currentVersion, type Job, nextVersionId } from '../../jobs/job.ts';
import { ServiceError } from '../../platform/service-error.ts';
import type { ApiRequest } from '../api-request.ts';
import type { ApiResponse } from '../api-response.ts';
import { describeBinary, describeLargeBinary, measureBinary, toETag, versionHeaders } from '../binary-resource.ts';
import { namesVersion } from '../entity-tags.ts';
import { type ContentDependencies, loadContent } from '../load-content.ts';
import type { Operation } from '../operation.ts';
import { answerFromOwnBinary, binaryRole, type OwnBinaryDependencies } from '../own-binary.ts';
import { measureWait, type WaitDependencies, type WaitHeader } from '../wait-header.ts';

/** What reading needs. */
export interface ReadDependencies extends OwnBinaryDependencies, ContentDependencies, WaitDependencies {
  readonly baseUrl: string;
}

/**
 * The most content that goes into an answer, in bytes. Lambda's answers end at 6 MB (6 291 456 bytes), base64 makes 4 bytes of 3, and
 * a resource in base64 within gzip within base64 comes to the same; the rest is for headers and JSON.
 */
export const largestAnswer = 4_400_000;

const isLarge = ({ bytes }: BinaryVersion): boolean => bytes > largestAnswer;

const findVersion = (job: Job, versionId: string | undefined): BinaryVersion | undefined =>
  versionId === undefined ? currentVersion(job) : job.versions.find((known) => String(known.versionId) === versionId);

/** Its owner may know that the Binary is there, and when to ask again for the one version that may still come: the next. */
const versionNotFound = (job: Job, versionId: string, wait: WaitHeader): ServiceError => {
  const version = /^\d{1,9}$/.test(versionId) ? versionId : '(malformed)';
  return new ServiceError('GENERAL_RESOURCE_NOT_FOUND', {
    args: ['Binary', `${job.binaryId}/_history/${version}`],
    ...('retry-after' in wait ? { retryAfterSeconds: Number(wait['retry-after']) } : {}),
  });
};

interface Reading {
  readonly request: ApiRequest;
  readonly job: Job;
  readonly version: BinaryVersion;
  readonly headers: Readonly<Record<string, string>>;
}

const dispositionOf = ({ job, version }: Reading): string =>
  `attachment; filename="${downloadName(job.report, job.binaryId, version)}"`;

/** The bytes are fetched under a link that works for a minute: raw by redirect, the resource by naming the link instead of `data`. */
const answerLarge = async (
  { content }: ReadDependencies,
  reading: Reading,
  key: string,
  form: 'resource' | 'raw',
): Promise<ApiResponse> => {
  const { job, version, headers } = reading;
  const { contentType } = version;
  const link = await content.link(job.tenantId, key, { contentType, contentDisposition: dispositionOf(reading) });
  if (form === 'raw') return { status: 302, headers: { ...headers, location: link } };
  return { status: 200, headers, body: { kind: 'resource', resource: describeLargeBinary(job, version, link) } };
};

/**
 * HEAD: everything that the headers say is in the record, so no content is fetched (RFC 9110 section 9.3.2). Of content behind a link it is what the
 * link leads to, 200: the link itself is signed for GET alone.
 */
const answerHead = (reading: Reading, form: 'resource' | 'raw'): ApiResponse => {
  const { job, version, headers } = reading;
  if (form === 'resource') {
    const length = isLarge(version) ? 0 : measureBinary(job, version);
    return { status: 200, headers, body: { kind: 'unsent-resource', length } };
  }
  return {
    status: 200,
    headers: { ...headers, 'content-disposition': dispositionOf(reading) },
    body: { kind: 'unsent-bytes', contentType: version.contentType },
  };
};

const answer = async (dependencies: ReadDependencies, reading: Reading): Promise<ApiResponse> => {
  const { request, job, version, headers } = reading;
  const form = chooseBinaryForm(request.wish, contentTypes);
  const ifNoneMatch = request.header('if-none-match');
  if (ifNoneMatch !== undefined && namesVersion(ifNoneMatch, toETag(version))) return { status: 304, headers };
  if (request.method === 'HEAD') return answerHead(reading, form);
  if (isLarge(version) && version.content.kind === 'stored') {
    return answerLarge(dependencies, reading, version.content.key, form);
  }
  const bytes = await loadContent(dependencies, job, version, request.requestId);
  if (form === 'resource') {
    return { status: 200, headers, body: { kind: 'resource', resource: describeBinary(job, version, bytes) } };
  }
  return {
    status: 200,
    headers: { ...headers, 'content-disposition': dispositionOf(reading) },
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
  run: ({ request, caller, captured: [id = '', versionId] }) =>
    answerFromOwnBinary(dependencies, caller, id, async (job) => {
      const version = findVersion(job, versionId);
      const isNext = versionId === String(nextVersionId(job));
      const wait = isNext || version === currentVersion(job) ? await measureWait(dependencies, [job]) : {};
      if (version === undefined) throw versionNotFound(job, String(versionId), wait);
      const headers = {
        ...versionHeaders(dependencies.baseUrl, job, version),
        vary: 'accept, accept-encoding',
        ...wait,
      };
      return answer(dependencies, { request, job, version, headers });
    }),
});
