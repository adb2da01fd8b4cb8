import type { BinaryVersion } from '../binaries/binary.ts';
import { toFhirInstant, toHttpDate } from '../fhir/fhir-date-time.ts';
import type { Job } from '../jobs/job.ts';

/** A FHIR R4 Binary as the service answers it (FHIR R4 binary.html), members in FUT's order. */
export interface BinaryResource {
  readonly resourceType: 'Binary';
  readonly id: string;
  readonly meta: {
    readonly versionId: string;
    /** UTC with milliseconds and `+00:00`. */
    readonly lastUpdated: string;
    /** `#` and the id of the request that made the version; generated versions have none. */
    readonly source?: string;
    readonly profile: readonly string[];
  };
  readonly contentType: string;
  /** The user who ordered the report. */
  readonly securityContext: { readonly identifier: { readonly value: string } };
  /** base64 */
  readonly data: string;
}

/** One version of a job's Binary as a FHIR resource. */
export const describeBinary = (job: Job, version: BinaryVersion, bytes: Uint8Array): BinaryResource => ({
  resourceType: 'Binary',
  id: job.binaryId,
  meta: {
    versionId: String(version.versionId),
    lastUpdated: toFhirInstant(version.lastUpdated),
    ...(version.source === undefined ? {} : { source: `#${version.source}` }),
    profile: ['http://hl7.org/fhir/StructureDefinition/Binary'],
  },
  contentType: version.contentType,
  securityContext: { identifier: { value: job.userId } },
  data: Buffer.from(bytes).toString('base64'),
});

/** A version's ETag: weak, its version id (FHIR R4 http.html#versioning). */
export const toETag = (version: BinaryVersion): string => `W/"${version.versionId}"`;

/** The headers that tell which version an answer holds. */
export const versionHeaders = (baseUrl: string, job: Job, version: BinaryVersion) => ({
  'content-location': `${baseUrl}/Binary/${job.binaryId}/_history/${version.versionId}`,
  'last-modified': toHttpDate(version.lastUpdated),
  etag: toETag(version),
});
