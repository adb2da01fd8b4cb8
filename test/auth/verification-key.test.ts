import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readVerificationKey } from '../../functions/auth/verification-key.ts';
import { createEcKey, createEdKey, createRsaKey, type Json } from '../support/signed-tokens.ts';

const rsa = createRsaKey('rsa');
const p384 = createEcKey('p384', 'P-384', 'ES384');
const without = (jwk: object, ...names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));
const read = (jwk: object, members: Json = {}) => readVerificationKey({ ...jwk, ...members });
const algorithmsOf = (jwk: object): unknown => {
  const key = readVerificationKey(jwk);
  return typeof key === 'string' ? key : key.algorithms;
};

describe('an entry of a key set verifies', () => {
  test('the algorithms of its type and curve, and where it names one that one only', () => {
    const ed448 = { ...generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' }), kid: 'k' };
    expect(algorithmsOf(rsa.jwk)).toEqual(['RS256']);
    expect(algorithmsOf(without(rsa.jwk, 'alg', 'use'))).toEqual(['RS256', 'RS384', 'RS512']);
    expect(algorithmsOf(without(p384.jwk, 'alg'))).toEqual(['ES384']);
    expect(algorithmsOf(without(createEcKey('p', 'P-256', 'ES256').jwk, 'alg'))).toEqual(['ES256']);
    expect(algorithmsOf(without(createEcKey('p', 'P-521', 'ES512').jwk, 'alg'))).toEqual(['ES512']);
    expect(algorithmsOf(without(createEdKey('e').jwk, 'alg'))).toEqual(['EdDSA']);
    expect(algorithmsOf(ed448)).toEqual(['EdDSA']);
  });

  test('with an exponent of 3, and nothing of it that is not public and needed', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', key_ops: ['verify'], x5c: ['MII'] };
    expect(read(jwk)).toMatchObject({ kid: 'k', jwk: { kty: 'RSA', kid: 'k', n: jwk.n, e: jwk.e } });
    expect(Object.keys((read(jwk) as { jwk: object }).jwk)).toEqual(['kty', 'kid', 'n', 'e']);
  });
});

describe('an entry of a key set is left out', () => {
  test.each([
    [{ use: 'enc' }, 'purpose'],
    [{ key_ops: ['sign'] }, 'purpose'],
    [{ key_ops: 'verify' }, 'purpose'],
    [{ alg: 'RS999' }, 'algorithm'],
    [{ alg: 'ES256' }, 'algorithm'],
    [{ alg: 256 }, 'algorithm'],
    [{ kty: 'oct' }, 'type'],
    [{ kid: '' }, 'kid'],
    [{ d: 'AA' }, 'secret-published'],
    [{ n: undefined }, 'material'],
    [{ n: 1 }, 'material'],
    [{ n: `=${rsa.jwk.n}` }, 'material'],
    [{ n: `${rsa.jwk.n}=` }, 'material'],
    [{ e: 'Ag' }, 'weak'],
    [{ e: 'AQ' }, 'weak'],
  ])('an RSA key with %j: %s', (members, problem) => expect(read(rsa.jwk, members)).toBe(problem));

  test('a point that is not on its curve, and what is no object', () => {
    expect(read(p384.jwk, { x: p384.jwk.y ?? '' })).toBe('material');
    for (const entry of [undefined, null, 'key', []]) expect(readVerificationKey(entry)).toBe('not-an-object');
  });
});
