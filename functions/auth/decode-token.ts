import { isJsonObject, type JsonObject } from './json-object.ts';
import { refuseToken } from './token-refusal.ts';

/** What a token says before anything of it is proven. */
export interface UnverifiedToken {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

const partPattern = /^[A-Za-z0-9_-]+$/;

/** Deeper than any claim, and far from where recursive code fails. */
const deepestNesting = 32;

/** A byte order mark stays, and then is no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const quote = 0x22;
const backslash = 0x5c;

/** Counts brackets outside of strings. Right for JSON; for anything else it does not matter, since that does not parse. */
const isShallow = (json: string): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (inString) {
      if (char === backslash) at += 1;
      else if (char === quote) inString = false;
    } else if (char === quote) inString = true;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
    if (depth > deepestNesting) return false;
  }
  return true;
};

/** Bytes of base64url without padding (RFC 7515 section 2), in the one spelling that those bytes have. */
const decodePart = (part: string): Buffer => {
  const bytes = Buffer.from(part, 'base64url');
  if (!partPattern.test(part) || bytes.toString('base64url') !== part) throw refuseToken('token-encoding');
  return bytes;
};

const readText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuseToken('token-encoding');
  }
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw refuseToken('token-json');
  }
};

const parseObject = (json: string): JsonObject => {
  const value = isShallow(json) ? parse(json) : undefined;
  if (!isJsonObject(value)) throw refuseToken('token-json');
  return value;
};

/**
 * Splits a compact JWS (RFC 7515 section 7.1) and decodes header and payload, strictly: exactly three parts, none empty, base64url
 * without padding, UTF-8, JSON objects nested at most 32 deep. The signature is not looked at.
 *
 * @throws ServiceError `SECURITY_TOKEN_INVALID`.
 */
export const decodeToken = (token: string): UnverifiedToken => {
  const [header, payload, signature, ...more] = token.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw refuseToken('token-form');
  }
  const [headerBytes, payloadBytes] = [header, payload, signature].map(decodePart);
  if (headerBytes === undefined || payloadBytes === undefined) throw refuseToken('token-form');
  return { header: parseObject(readText(headerBytes)), payload: parseObject(readText(payloadBytes)) };
};
