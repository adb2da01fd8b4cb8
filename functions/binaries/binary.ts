import { hash } from 'node:crypto';
import type { TenantId } from '../auth/tenant.ts';
import { isSortableUuid } from '../platform/ids.ts';

/**
 * Where a version's bytes are: `stored` in the content store under a key of their own, or `inline` in the record. Inline are the placeholder of version 1
 * and the short OperationOutcome of a failed job: a job can be ordered, and end, whatever state the content store is in. Of records that earlier
 * versions of the service wrote, version 1 is `stored`.
 */
export type ContentLocation =
  | { readonly kind: 'stored'; readonly key: string }
  | { readonly kind: 'inline'; readonly base64: string };

/** One version of a Binary. It never changes once it is recorded (invariant I2). */
export interface BinaryVersion {
  /** 1, 2, 3, … */
  readonly versionId: number;
  readonly contentType: string;
  /** Number of bytes of the content. */
  readonly bytes: number;
  /** SHA-256 of the content in lower-case hex; what is read must match it (invariant I3). */
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  /** The request that made the version, for `meta.source`; generated versions have none. */
  readonly source?: string;
  /** Who wrote it: the lease token of an attempt, or the id of an order or a tick. Tells one's own write from another's. */
  readonly writer: string;
  readonly content: ContentLocation;
}

/** Type and bytes of the version that an order answers with. */
export const placeholder: { readonly contentType: string; readonly bytes: Uint8Array } = {
  contentType: 'text/plain',
  bytes: new TextEncoder().encode('*NOT GENERATED YET*'),
};

/** Content type of a finished report: the name is FUT's, the bytes are a ZIP. */
export const reportContentType = 'application/gzip-json';

/** Content type of the OperationOutcome that stands in for a report that failed. */
export const outcomeContentType = 'application/fhir+json';

/** Every content type that a version can have. */
export const contentTypes: readonly string[] = [placeholder.contentType, reportContentType, outcomeContentType];

/** Whether a text has the form of this service's Binary ids: UUIDs of version 7. Stricter than FHIR's id, which admits `.` and `..`. */
export const isBinaryId = (text: string): boolean => isSortableUuid(text);

/**
 * Key of a version's bytes: `<tenant>/Binary/<id>/<version>/<attempt>`. Unique to the attempt, so that no attempt overwrites
 * another's bytes and the record alone decides which of them are the version.
 */
export const contentKey = (tenantId: TenantId, binaryId: string, versionId: number, attempt: string): string =>
  `${contentPrefix(tenantId, binaryId)}${versionId}/${attempt}`;

/** Where everything that is stored for a Binary lies: `<tenant>/Binary/<id>/`. */
export const contentPrefix = (tenantId: TenantId, binaryId: string): string => `${tenantId}/Binary/${binaryId}/`;

/** SHA-256 of bytes, or of a text in UTF-8, in lower-case hex. */
export const sha256Hex = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');

/** What a version is made from. */
export interface VersionContent {
  readonly versionId: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly lastUpdated: number;
  readonly writer: string;
  readonly source?: string;
}

/** The record of a version whose bytes lie in the content store under `key`. */
export const describeStoredVersion = (version: VersionContent, key: string): BinaryVersion => {
  const { bytes, ...rest } = version;
  return { ...rest, bytes: bytes.length, sha256: sha256Hex(bytes), content: { kind: 'stored', key } };
};

/** What a record says of bytes that it carries itself. */
const describeInline = ({ contentType, bytes }: Pick<VersionContent, 'contentType' | 'bytes'>) => {
  const base64 = Buffer.from(bytes).toString('base64');
  return { contentType, bytes: bytes.length, sha256: sha256Hex(bytes), content: { kind: 'inline', base64 } } as const;
};

/** The record of a version that carries its bytes itself. For a few kilobytes at most (DynamoDB items end at 400 KB). */
export const describeInlineVersion = (version: VersionContent): BinaryVersion => ({
  ...version,
  ...describeInline(version),
});

/** The part of a version 1 that is the same in all of them: digested once, and not with each order. */
export const placeholderVersion: Pick<BinaryVersion, 'contentType' | 'bytes' | 'sha256' | 'content'> =
  describeInline(placeholder);

const fileEndings: Readonly<Record<string, string>> = {
  [placeholder.contentType]: 'txt',
  [reportContentType]: 'zip',
  [outcomeContentType]: 'json',
};

/** File name for a download: built from the report's name and our own id only, never from input. */
export const downloadName = (report: string, binaryId: string, version: BinaryVersion): string =>
  `${report}-${binaryId}-${version.versionId}.${fileEndings[version.contentType] ?? 'bin'}`;
