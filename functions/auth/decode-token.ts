import { decodeUtf8 } from '../platform/decode-utf8.ts';
import { isNestedDeeper } from '../platform/is-nested-deeper.ts';
import { rememberAnswers } from '../platform/remember-answers.ts';
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

/** What the last character may be where two or three remain of the groups of four, so that its unused bits are 0. One alone is nothing. */
const lastCharacters = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const;

/** Base64url without padding (RFC 7515 section 2), in the one spelling that its bytes have. */
const isSpelledRight = (part: string): boolean => {
  const rest = part.length % 4;
  return partPattern.test(part) && (rest === 0 || (lastCharacters[rest] ?? '').includes(part.slice(-1)));
};

const readText = (part: string): string => {
  const text = decodeUtf8(Buffer.from(part, 'base64url'));
  if (text === undefined) throw refuseToken('token-encoding');
  return text;
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw refuseToken('token-json');
  }
};

const parseObject = (json: string): JsonObject => {
  const value = isNestedDeeper(json, deepestNesting) ? undefined : parse(json);
  if (!isJsonObject(value)) throw refuseToken('token-json');
  return value;
};

const readObject = (part: string): JsonObject => parseObject(readText(part));

/** All tokens of a key have the same header, which says nothing of whose they are or how long they are valid. */
const readHeader = rememberAnswers(64, readObject);

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
  if (![header, payload, signature].every(isSpelledRight)) throw refuseToken('token-encoding');
  return { header: readHeader(header), payload: readObject(payload) };
};
