import { type JsonObject, readMember } from './json-object.ts';
import { type SignatureAlgorithm, signatureAlgorithms } from './tenant.ts';
import { refuseToken } from './token-refusal.ts';

/** What a token's header says about its signature. */
export interface SignatureHeader {
  readonly alg: SignatureAlgorithm;
  /** 1 to 256 visible ASCII characters. */
  readonly kid: string;
}

/** `JWT` (RFC 7519 section 5.1) and `at+jwt` (RFC 9068 section 2.1), without case, with or without `application/`. */
const acceptedType = /^(?:application\/)?(?:at\+)?jwt$/i;

/** Extensions that must be understood (RFC 7515 section 4.1.11; RFC 7797): none is. */
const criticalMembers = ['crit', 'b64'] as const;

/** Keys that a token brings along (RFC 7515 sections 4.1.2, 4.1.3, 4.1.5, 4.1.6): whoever signs could name his own. */
const foreignKeyMembers = ['jwk', 'jku', 'x5u', 'x5c'] as const;

const isSignatureAlgorithm = (alg: unknown): alg is SignatureAlgorithm =>
  signatureAlgorithms.some((known) => known === alg);

/** Whether a value may be a key's id here: 1 to 256 visible ASCII characters. */
export const isKeyId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value);

/**
 * Checks a token's header and returns what selects the key. Members that are not security-relevant are ignored.
 *
 * @throws ServiceError `SECURITY_TOKEN_INVALID`.
 */
export const readSignatureHeader = (header: JsonObject): SignatureHeader => {
  const alg = readMember(header, 'alg');
  const kid = readMember(header, 'kid');
  const typ = readMember(header, 'typ');
  if (!isSignatureAlgorithm(alg)) throw refuseToken('header-alg');
  if (typ !== undefined && !(typeof typ === 'string' && acceptedType.test(typ))) throw refuseToken('header-typ');
  if (criticalMembers.some((name) => Object.hasOwn(header, name))) throw refuseToken('header-critical');
  if (foreignKeyMembers.some((name) => Object.hasOwn(header, name))) throw refuseToken('header-foreign-key');
  if (!isKeyId(kid)) throw refuseToken('header-kid');
  return { alg, kid };
};
