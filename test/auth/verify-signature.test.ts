import { sign } from 'node:crypto';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignatureAlgorithm } from '../../functions/auth/tenant.ts';
import { verifySignature } from '../../functions/auth/verify-signature.ts';
import {
  createEcKey,
  createEdKey,
  createRsaKey,
  encodePart,
  type SigningKey,
  signInput,
} from '../support/signed-tokens.ts';

const rsa = createRsaKey('k');
const keys = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  ES256: createEcKey('k', 'P-256', 'ES256'),
  ES384: createEcKey('k', 'P-384', 'ES384'),
  ES512: createEcKey('k', 'P-521', 'ES512'),
  EdDSA: createEdKey('k'),
} satisfies Record<SignatureAlgorithm, SigningKey>;
const algorithms = Object.keys(keys) as readonly SignatureAlgorithm[];

const inputFor = (alg: string, sub: string): string => `${encodePart({ alg, kid: 'k' })}.${encodePart({ sub })}`;

/** The verdict of an independent verifier. */
const askLibrary = (input: string, signature: Buffer, key: SigningKey): boolean => {
  const { alg: _, ...jwk } = key.jwk;
  try {
    const token = `${input}.${signature.toString('base64url')}`;
    verifyJwtSync(token, { ...jwk, kty: String(jwk.kty) }, { issuer: null, audience: null });
    return true;
  } catch {
    return false;
  }
};

const verifyAs = (alg: SignatureAlgorithm, input: string, signature: Uint8Array, { publicKey } = keys[alg]): boolean =>
  verifySignature({ signed: Buffer.from(input), signature }, alg, publicKey);

describe.each(algorithms)('a signature of %s', (alg) => {
  const input = inputFor(alg, 'somebody');
  const good = signInput(input, alg, keys[alg].privateKey);

  it('is good for what was signed, and for nothing else', () => {
    expect(verifyAs(alg, input, good)).toBe(true);
    expect(verifyAs(alg, inputFor(alg, 'Somebody'), good)).toBe(false);
    expect(verifyAs(alg, input, new Uint8Array())).toBe(false);
  });

  it("is not another key's", () => {
    const other = alg.startsWith('RS') ? createRsaKey('k') : createEdKey('k');
    if (alg.startsWith('ES'))
      return expect(verifyAs(alg, input, good, keys[alg === 'ES256' ? 'ES384' : 'ES256'])).toBe(false);
    return expect(verifyAs(alg, input, good, other)).toBe(false);
  });

  it('whatever became of its bytes, is judged as aws-jwt-verify judges it', () => {
    const change = fc.oneof(
      fc.constant((bytes: Buffer) => bytes),
      fc.nat(good.length * 8 - 1).map((bit) => (bytes: Buffer) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return flipped;
      }),
      fc.nat(good.length).map((end) => (bytes: Buffer) => bytes.subarray(0, end)),
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((more) => (bytes: Buffer) => Buffer.concat([bytes, more])),
      fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => () => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(change, fc.boolean(), (changed, isOther) => {
        const [signature, said] = [changed(good), isOther ? inputFor(alg, 'other') : input];
        expect(verifyAs(alg, said, signature)).toBe(askLibrary(said, signature, keys[alg]));
      }),
      { numRuns: 100 },
    );
  });
});

it('ECDSA in DER is refused, as RFC 7518 has it', () => {
  const input = inputFor('ES256', 'somebody');
  expect(verifyAs('ES256', input, sign('sha256', Buffer.from(input), keys.ES256.privateKey))).toBe(false);
});
