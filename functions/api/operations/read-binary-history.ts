import type { BinaryVersion } from '../../binaries/binary.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { toFhirInstant } from '../../fhir/fhir-date-time.ts';
import { currentVersion, type Job } from '../../jobs/job.ts';
import { describeBinary, describeLargeBinary, toETag } from '../binary-resource.ts';
import { loadContent } from '../load-content.ts';
import type { Operation } from '../operation.ts';
import { answerFromOwnBinary, binaryRole } from '../own-binary.ts';
import { measureWait } from '../wait-header.ts';
import type { ReadDependencies } from './read-binary.ts';
import { largestAnswer } from './read-binary.ts';

/** A version with its bytes, or without where all of them together are too large for an answer: each is there under its own address. */
const describeVersion = async (
  dependencies: ReadDependencies,
  job: Job,
  version: BinaryVersion,
  requestId: string,
): Promise<object> => {
  const isLarge = job.versions.reduce((sum, { bytes }) => sum + bytes, 0) > largestAnswer;
  if (isLarge) return describeLargeBinary(job, version, undefined);
  return describeBinary(job, version, await loadContent(dependencies, job, version, requestId));
};

/**
 * `GET Binary/{id}/_history`: a Bundle of type history with all versions, newest first (FHIR R4 http.html#history). The first version
 * came by an order (POST), the others by the service's own update (PUT).
 */
export const createReadBinaryHistory = (dependencies: ReadDependencies): Operation => ({
  name: 'Binary history',
  role: binaryRole,
  ordersReports: false,
  readsBody: false,
  requireFormat: ({ wish }) => requireFhirJson(wish),
  run: ({ request, caller, captured: [id = ''] }) =>
    answerFromOwnBinary(dependencies, caller, id, async (job) => {
      const { baseUrl } = dependencies;
      const entry = await Promise.all(
        job.versions.toReversed().map(async (version) => ({
          fullUrl: `${baseUrl}/Binary/${job.binaryId}`,
          resource: await describeVersion(dependencies, job, version, request.requestId),
          request:
            version.versionId === 1
              ? { method: 'POST', url: 'Binary' }
              : { method: 'PUT', url: `Binary/${job.binaryId}` },
          response: {
            status: version.versionId === 1 ? '201' : '200',
            etag: toETag(version),
            lastModified: toFhirInstant(version.lastUpdated),
          },
        })),
      );
      return {
        status: 200,
        headers: await measureWait(dependencies, [job]),
        body: {
          kind: 'resource',
          resource: {
            resourceType: 'Bundle',
            type: 'history',
            meta: { lastUpdated: toFhirInstant(currentVersion(job).lastUpdated) },
            total: entry.length,
            link: [{ relation: 'self', url: `${baseUrl}/Binary/${job.binaryId}/_history` }],
            entry,
          },
        },
      };
    }),
});
