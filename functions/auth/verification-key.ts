import { createPublicKey, type KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject, readMember } from './json-object.ts';
import { type SignatureAlgorithm, signatureAlgorithms } from './tenant.ts';
import { isKeyId } from './token-header.ts';

/** A public key that may verify tokens. */
export interface VerificationKey {
  readonly kid: string;
  /** The algorithms that fit its type and curve and, where the issuer names one, that one only. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The key as a JWK (RFC 7517) with its public members and nothing else. */
  readonly jwk: { readonly kty: string } & Readonly<Record<string, string>>;
  readonly publicKey: KeyObject;
}

/** Why a key of a key set is left out, as a fixed word for logs. */
export type KeyRejection =
  | 'not-an-object'
  | 'kid'
  | 'duplicate-kid'
  | 'type'
  | 'purpose'
  | 'secret-published'
  | 'algorithm'
  | 'material'
  | 'weak'
  | 'too-many';

/** Public members by key type (RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2). */
const publicMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
]);

/** Private and symmetric members (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1): with one of them public, anyone can sign. */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** RFC 7518 sections 3.3 and 3.4, RFC 8037 section 3.1: what a key's type and curve can verify. */
const fittingAlgorithms: ReadonlyMap<string, readonly SignatureAlgorithm[]> = new Map([
  ['rsa', ['RS256', 'RS384', 'RS512']],
  ['ec:prime256v1', ['ES256']],
  ['ec:secp384r1', ['ES384']],
  ['ec:secp521r1', ['ES512']],
  ['ed25519', ['EdDSA']],
  ['ed448', ['EdDSA']],
]);

/** At least 2048 bits (RFC 7518 section 3.3); more than 8192, or a long exponent, only makes every verification slow. */
const isSoundRsa = ({
  modulusLength = 0,
  publicExponent = 0n,
}: NonNullable<KeyObject['asymmetricKeyDetails']>): boolean =>
  modulusLength >= 2048 &&
  modulusLength <= 8192 &&
  publicExponent >= 3n &&
  publicExponent < 1n << 33n &&
  publicExponent % 2n === 1n;

const isForSignatures = (jwk: JsonObject): boolean => {
  const use = readMember(jwk, 'use');
  const operations = readMember(jwk, 'key_ops');
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
};

const readPublicMembers = (jwk: JsonObject, names: readonly string[]): Record<string, string> | undefined => {
  const members: Record<string, string> = {};
  for (const name of names) {
    const value = readMember(jwk, name);
    if (typeof value !== 'string' || !/^[A-Za-z0-9_-]+$/.test(value)) return undefined;
    members[name] = value;
  }
  return members;
};

const createKey = (jwk: Record<string, string>): KeyObject | undefined => {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
};

const algorithmsOf = (publicKey: KeyObject): readonly SignatureAlgorithm[] => {
  const curve = publicKey.asymmetricKeyDetails?.namedCurve;
  const kind = publicKey.asymmetricKeyType ?? '';
  return fittingAlgorithms.get(curve === undefined ? kind : `${kind}:${curve}`) ?? [];
};

/** The part of a JWK that says what it is for; the key material is looked at afterwards. */
const findFormProblem = (jwk: JsonObject): KeyRejection | undefined => {
  if (secretMembers.some((name) => Object.hasOwn(jwk, name))) return 'secret-published';
  if (!publicMembers.has(readMember(jwk, 'kty'))) return 'type';
  if (!isForSignatures(jwk)) return 'purpose';
  if (!isKeyId(readMember(jwk, 'kid'))) return 'kid';
  const alg = readMember(jwk, 'alg');
  return alg === undefined || signatureAlgorithms.some((known) => known === alg) ? undefined : 'algorithm';
};

/**
 * One entry of a key set as a key, or why it cannot be one: it must be an RSA key of 2048 to 8192 bits with an odd exponent from 3
 * on, a key on P-256, P-384 or P-521, or an Ed25519 or Ed448 key, meant for signatures, with a `kid`, and with nothing secret.
 */
export const readVerificationKey = (entry: unknown): VerificationKey | KeyRejection => {
  if (!isJsonObject(entry)) return 'not-an-object';
  const problem = findFormProblem(entry);
  if (problem !== undefined) return problem;
  const kty = String(readMember(entry, 'kty'));
  const kid = String(readMember(entry, 'kid'));
  const members = readPublicMembers(entry, publicMembers.get(kty) ?? []);
  const publicKey = members === undefined ? undefined : createKey({ kty, ...members });
  if (publicKey === undefined) return 'material';
  const details = publicKey.asymmetricKeyDetails;
  if (kty === 'RSA' && !(details !== undefined && isSoundRsa(details))) return 'weak';
  const named = readMember(entry, 'alg');
  const algorithms = algorithmsOf(publicKey).filter((alg) => named === undefined || alg === named);
  if (algorithms.length === 0) return 'algorithm';
  return { kid, algorithms, jwk: { kty, kid, ...members }, publicKey };
};
