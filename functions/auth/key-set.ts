import { isJsonObject, readMember } from './json-object.ts';
import { type KeyRejection, readVerificationKey, type VerificationKey } from './verification-key.ts';

/** The usable keys of an issuer by `kid`, and why the others are left out, in the order of the key set. */
export interface KeySet {
  readonly keys: ReadonlyMap<string, VerificationKey>;
  readonly rejections: readonly KeyRejection[];
}

/** Issuers publish a handful; each costs time to import. */
const mostKeys = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
};

/**
 * Reads a JWK Set (RFC 7517 section 5). An unusable key is left out and the others stay; of two with one `kid` the first usable one
 * stays; of more than 64 keys the first 64 are looked at.
 *
 * @param bytes the document as it was fetched.
 * @returns `undefined` for what is not a JSON object with a list `keys`.
 */
export const readKeySet = (bytes: Uint8Array): KeySet | undefined => {
  const document = parse(bytes);
  const entries = isJsonObject(document) ? readMember(document, 'keys') : undefined;
  if (!Array.isArray(entries)) return undefined;
  const keys = new Map<string, VerificationKey>();
  const rejections: KeyRejection[] = entries.length > mostKeys ? ['too-many'] : [];
  for (const entry of entries.slice(0, mostKeys)) {
    const key = readVerificationKey(entry);
    if (typeof key === 'string') rejections.push(key);
    else if (keys.has(key.kid)) rejections.push('duplicate-kid');
    else keys.set(key.kid, key);
  }
  return { keys, rejections };
};
