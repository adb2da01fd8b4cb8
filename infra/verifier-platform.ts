import { type KeyObject, verify } from 'node:crypto';

/** What `aws-jwt-verify` asks its platform to verify. */
export interface SignedInput {
  /** The token's `alg`, as the library has admitted it. */
  readonly alg: 'RS256' | 'RS384' | 'RS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA';
  readonly keyObject: KeyObject;
  /** Header and payload as they were sent, with the dot between them. */
  readonly jwsSigningInput: string;
  /** In base64 or base64url. */
  readonly signature: string;
}

/**
 * Only to ECDSA does it matter how a signature is written (RFC 7518 section 3.4). Of an RSA key in an object with options Node finds out by two
 * exceptions that the object is no key itself, which takes as long as the signature.
 */
const withEncoding = (key: KeyObject) =>
  key.asymmetricKeyType === 'rsa' ? key : ({ key, dsaEncoding: 'ieee-p1363' } as const);

/**
 * What `aws-jwt-verify` needs of Node, in place of its own `node-web-compat-node.js` in the bundles, as the library itself has another of
 * these for browsers. The same signatures are good and the same are not; whatever else is judged is judged by the library. There is no `fetch`:
 * keys are fetched by `functions/auth/https-jwks-fetcher.ts`.
 */
export const nodeWebCompat = {
  fetch: (): never => {
    throw new Error('the verifier of this bundle fetches nothing');
  },
  parseB64UrlString: (text: string): string => Buffer.from(text, 'base64').toString('utf8'),
  verifySignatureSync: ({ alg, keyObject, jwsSigningInput, signature }: SignedInput): boolean => {
    const [input, bytes] = [Buffer.from(jwsSigningInput), Buffer.from(signature, 'base64')];
    if (alg === 'EdDSA') return verify(null, input, keyObject, bytes);
    return verify(`sha${alg.slice(2)}`, input, withEncoding(keyObject), bytes);
  },
};
