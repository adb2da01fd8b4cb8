/**
 * Whether an `If-None-Match` or `If-Match` header names this version, or any (`*`). Tags compare weakly, since a FHIR version id
 * is one (RFC 9110 section 8.8.3.2; FHIR R4 http.html#concurrency).
 */
export const namesVersion = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag.replace(/^W\//, ''));
