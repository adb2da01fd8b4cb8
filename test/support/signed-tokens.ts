import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { registerToken } from './leak-watch.ts';

/** A key pair of a test issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** What the issuer publishes. */
  readonly jwk: JsonWebKey;
}

/** Any JSON, also what no issuer would write. */
export type Json = Readonly<Record<string, unknown>>;

const describe = (kid: string, alg: string, pair: { publicKey: KeyObject; privateKey: KeyObject }): SigningKey => ({
  kid,
  alg,
  ...pair,
  jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg },
});

/** A new RSA key; 2048 bits and exponent 65537 unless told otherwise. */
export const createRsaKey = (kid: string, modulusLength = 2048, alg = 'RS256'): SigningKey =>
  describe(kid, alg, generateKeyPairSync('rsa', { modulusLength }));

/** A new EC key on `P-256`, `P-384` or `P-521`. */
export const createEcKey = (kid: string, namedCurve: 'P-256' | 'P-384' | 'P-521', alg: string): SigningKey =>
  describe(kid, alg, generateKeyPairSync('ec', { namedCurve }));

/** A new Ed25519 key. */
export const createEdKey = (kid: string): SigningKey => describe(kid, 'EdDSA', generateKeyPairSync('ed25519'));

/** base64url of a JSON value, a text or bytes. */
export const encodePart = (value: unknown): string => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
};

/** The signature of any input under any algorithm, whether it fits the key or not. ECDSA as r and s, as JWS wants it. */
export const signInput = (input: string, alg: string, privateKey: KeyObject): Buffer => {
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
  return sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
};

/** A compact JWS of these parts, signed by the key. `header` and `payload` are JSON, or text or bytes taken as they are. */
export const signParts = (header: unknown, payload: unknown, key: SigningKey, alg = key.alg): string => {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  const token = `${input}.${signInput(input, alg, key.privateKey).toString('base64url')}`;
  registerToken(token);
  return token;
};

/** A compact JWS with an HMAC: what somebody makes who knows only what is public. */
export const macParts = (header: unknown, payload: unknown, secret: string): string => {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  registerToken(token);
  return token;
};

/** A well-formed token: the key's `alg` and `kid`, `typ` JWT, then whatever the header is given. */
export const signToken = (payload: Json, key: SigningKey, header: Json = {}): string =>
  signParts({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header }, payload, key);

/** The key set document of these keys. */
export const keySetOf = (...keys: readonly (SigningKey | Json)[]): Uint8Array =>
  Buffer.from(JSON.stringify({ keys: keys.map((key) => ('jwk' in key ? key.jwk : key)) }));
