import { isUtf8 } from 'node:buffer';

/**
 * The text of bytes in UTF-8, or `undefined` where they are not (RFC 3629). A byte order mark stays. For the short texts of a request a
 * `TextDecoder` costs several times as much.
 */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined =>
  isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined;
