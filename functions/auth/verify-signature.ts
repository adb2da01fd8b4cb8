import { type KeyObject, verify } from 'node:crypto';
import type { SignatureAlgorithm } from './tenant.ts';

/** Node's name of the digest (RFC 7518 section 3.1); EdDSA has one of its own in it (RFC 8037 section 3.1). */
const digests = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: null,
} as const satisfies Record<SignatureAlgorithm, string | null>;

/** What was signed, and by what it is said to be proven. */
export interface SignedBytes {
  /** The token up to its last dot (RFC 7515 section 5.2), in bytes. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Whether the signature is the key's. RSA with the padding of PKCS #1 v1.5, ECDSA as the numbers r and s one after the other (RFC 7518
 * sections 3.3 and 3.4); anything else, DER among it, is not.
 *
 * @param alg one that fits the key's type and curve
 */
export const verifySignature = (
  { signed, signature }: SignedBytes,
  alg: SignatureAlgorithm,
  publicKey: KeyObject,
): boolean => {
  // Only where it is needed: Node throws twice inside to find out that an object is not a key, which costs as much as RSA's arithmetic.
  const key = alg.startsWith('ES') ? { key: publicKey, dsaEncoding: 'ieee-p1363' as const } : publicKey;
  try {
    return verify(digests[alg], signed, key, signature);
  } catch {
    return false;
  }
};
