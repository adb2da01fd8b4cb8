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

/** The extension on `data` that names where the content of a large Binary is fetched. */
export const contentUrlExtension = 'urn:serverless-reporting:content-url';

const binaryProfile = 'http://hl7.org/fhir/StructureDefinition/Binary';

const describeWithoutData = (job: Job, version: BinaryVersion): Omit<BinaryResource, 'data'> => ({
  resourceType: 'Binary',
  id: job.binaryId,
  meta: {
    versionId: String(version.versionId),
    lastUpdated: toFhirInstant(version.lastUpdated),
    ...(version.source === undefined ? {} : { source: `#${version.source}` }),
    profile: [binaryProfile],
  },
  contentType: version.contentType,
  securityContext: { identifier: { value: job.userId } },
});

/** One version of a job's Binary as a FHIR resource. */
export const describeBinary = (job: Job, version: BinaryVersion, bytes: Uint8Array): BinaryResource => ({
  ...describeWithoutData(job, version),
  data: Buffer.from(bytes).toString('base64'),
});

/** Length in bytes of the JSON of {@link describeBinary}, without the bytes of the content. */
export const measureBinary = (job: Job, version: BinaryVersion): number =>
  Buffer.byteLength(JSON.stringify(describeBinary(job, version, new Uint8Array()))) + Math.ceil(version.bytes / 3) * 4;

/** One version whose content is too large for an answer: without `data`, and with the link to it where one is given. */
export const describeLargeBinary = (job: Job, version: BinaryVersion, link: string | undefined) => ({
  ...describeWithoutData(job, version),
  ...(link === undefined ? {} : { _data: { extension: [{ url: contentUrlExtension, valueUrl: link }] } }),
});

/** A report that is stored nowhere as a FHIR resource: it has no id and no version. */
export const describeUnstoredBinary = (userId: string, contentType: string, bytes: Uint8Array) => ({
  resourceType: 'Binary',
  meta: { profile: [binaryProfile] },
  contentType,
  securityContext: { identifier: { value: userId } },
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
