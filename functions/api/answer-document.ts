import { createHash } from 'node:crypto';
import type { ApiRequest } from './api-request.ts';
import type { ApiResponse } from './api-response.ts';
import { namesVersion } from './entity-tags.ts';

/** Long enough to keep readers off the service, short enough for a new release to be seen soon. In seconds. */
const cacheSeconds = 300;

/** Answers a request for one public document. */
export type DocumentAnswer = (request: ApiRequest) => ApiResponse;

/** Weak, since the same document goes out with and without gzip (RFC 9110 section 8.8.1). */
const toETag = (content: object): string =>
  `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}"`;

/**
 * Answers with a document that is the same for everyone until the next deployment: cacheable for five minutes, with an ETag made from
 * its bytes, and 304 to who has it already. It is made when it is first asked for, so that a cold start does not pay for it.
 *
 * @param contentType where it is not FHIR JSON
 */
export const createDocumentAnswer = (describe: () => object, contentType?: string): DocumentAnswer => {
  const prepare = () => {
    const resource = describe();
    const body = { kind: 'resource' as const, resource, ...(contentType === undefined ? {} : { contentType }) };
    return { body, headers: { etag: toETag(resource), vary: 'accept, accept-encoding' } };
  };
  let prepared: ReturnType<typeof prepare> | undefined;
  return (request) => {
    prepared ??= prepare();
    const { body, headers } = prepared;
    const ifNoneMatch = request.header('if-none-match');
    if (ifNoneMatch !== undefined && namesVersion(ifNoneMatch, headers.etag)) {
      return { status: 304, headers, cacheSeconds };
    }
    return { status: 200, headers, cacheSeconds, body };
  };
};
