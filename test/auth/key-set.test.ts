import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readKeySet } from '../../functions/auth/key-set.ts';
import { createEcKey, createEdKey, createRsaKey, type Json, keySetOf } from '../support/signed-tokens.ts';

const rsa = createRsaKey('rsa');
const p256 = createEcKey('p256', 'P-256', 'ES256');
const { alg: _, ...rsaWithoutAlg } = rsa.jwk;

const read = (...keys: readonly Json[]) => readKeySet(keySetOf(...keys));
const rejectionsOf = (...keys: readonly Json[]) => read(...keys)?.rejections;

describe('readKeySet', () => {
  it('reads keys of every allowed kind, and what each can verify', () => {
    const keySet = readKeySet(keySetOf(rsa, p256, createEcKey('p384', 'P-384', 'ES384'), createEdKey('ed')));
    expect([...(keySet?.keys ?? [])].map(([kid, key]) => [kid, key.algorithms])).toEqual([
      ['rsa', ['RS256']],
      ['p256', ['ES256']],
      ['p384', ['ES384']],
      ['ed', ['EdDSA']],
    ]);
    expect(keySet?.rejections).toEqual([]);
  });

  it('an RSA key that names no algorithm can verify the three that fit it', () => {
    expect(read(rsaWithoutAlg)?.keys.get('rsa')?.algorithms).toEqual(['RS256', 'RS384', 'RS512']);
  });

  it("T56: Keycloak's encryption key beside its signing key is left out, and the other stays", () => {
    const keySet = read(
      { ...rsa.jwk, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' },
      { ...rsa.jwk, x5c: ['MIIB'], x5t: 'x' },
    );
    expect([...(keySet?.keys.keys() ?? [])]).toEqual(['rsa']);
    expect(keySet?.rejections).toEqual(['purpose']);
  });

  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
  const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const privateJwk = rsa.privateKey.export({ format: 'jwk' });
  const longExponent = Buffer.from([1, ...Buffer.alloc(4), 1]).toString('base64url');

  it.each<[string, unknown, string]>([
    ['nothing', null, 'not-an-object'],
    ['a text', 'key', 'not-an-object'],
    ['a list', [], 'not-an-object'],
    ['empty', {}, 'type'],
    ['symmetric', { kty: 'oct', kid: 'a', k: 'AAAA' }, 'secret-published'],
    ['symmetric without its secret', { kty: 'oct', kid: 'a' }, 'type'],
    ['published with its private part', { ...privateJwk, kid: 'a' }, 'secret-published'],
    ['of an unknown type', { ...rsa.jwk, kty: 'AKP' }, 'type'],
    ['of a type in another case', { ...rsa.jwk, kty: 'rsa' }, 'type'],
    ['for encryption', { ...rsa.jwk, use: 'enc' }, 'purpose'],
    ['for a purpose that is no text', { ...rsa.jwk, use: ['sig'] }, 'purpose'],
    ['for signing only', { ...rsa.jwk, key_ops: ['sign'] }, 'purpose'],
    ['for operations that are a text', { ...rsa.jwk, key_ops: 'verify' }, 'purpose'],
    ['without a kid', { ...rsa.jwk, kid: undefined }, 'kid'],
    ['with a kid that is a number', { ...rsa.jwk, kid: 1 }, 'kid'],
    ['with a kid of 257 characters', { ...rsa.jwk, kid: 'k'.repeat(257) }, 'kid'],
    ['with RSA-PSS as its algorithm', { ...rsa.jwk, alg: 'PS256' }, 'algorithm'],
    ['with HMAC as its algorithm', { ...rsa.jwk, alg: 'HS256' }, 'algorithm'],
    ["with another type's algorithm", { ...rsa.jwk, alg: 'ES256' }, 'algorithm'],
    ["with another curve's algorithm", { ...p256.jwk, alg: 'ES384' }, 'algorithm'],
    ['with an algorithm that is null', { ...rsa.jwk, alg: null }, 'algorithm'],
    ['of 1024 bits', createRsaKey('weak', 1024).jwk, 'weak'],
    ['with exponent 1', { ...rsa.jwk, e: 'AQ' }, 'weak'],
    ['with an even exponent', { ...rsa.jwk, e: 'BA' }, 'weak'],
    ['with a long exponent', { ...rsa.jwk, e: longExponent }, 'weak'],
    ['with a modulus of 16 384 bits', { ...rsa.jwk, n: Buffer.alloc(2048, 0xff).toString('base64url') }, 'weak'],
    ['without a modulus', { ...rsa.jwk, n: undefined }, 'material'],
    ['with a modulus that is not base64url', { ...rsa.jwk, n: 'a+b=' }, 'material'],
    ['with a point that is not on the curve', { ...p256.jwk, y: p256.jwk.x }, 'material'],
    ['on an unknown curve', { ...p256.jwk, crv: 'P-999' }, 'material'],
    ['on secp256k1', { ...secp256k1, kid: 'a' }, 'algorithm'],
    ['for key agreement', { ...x25519, kid: 'a' }, 'algorithm'],
  ])('T24: leaves out a key that is %s', (_name, key, rejection) => {
    const document = Buffer.from(JSON.stringify({ keys: [key, createGood()] }));
    const keySet = readKeySet(document);
    expect(keySet?.rejections).toEqual([rejection]);
    expect([...(keySet?.keys.keys() ?? [])]).toEqual(['good']);
  });

  it('of two keys with one kid the first usable one stays', () => {
    const weak = { ...createRsaKey('rsa', 1024).jwk };
    const keySet = read(weak, { ...rsa.jwk }, { ...createRsaKey('rsa').jwk });
    expect(keySet?.keys.get('rsa')?.jwk['n']).toBe(rsa.jwk.n);
    expect(keySet?.rejections).toEqual(['weak', 'duplicate-kid']);
  });

  it('looks at 64 keys at most', () => {
    const many = Array.from({ length: 65 }, (_value, index) => ({ ...p256.jwk, kid: `k${index}` }));
    expect(rejectionsOf(...many)).toEqual(['too-many']);
    expect(read(...many)?.keys.size).toBe(64);
  });

  it('finds no key by the name of a prototype member', () => {
    expect(read({ ...rsa.jwk })?.keys.get('constructor')).toBeUndefined();
  });

  it.each([
    '',
    '<html></html>',
    '[]',
    'null',
    '{}',
    '{"keys":{}}',
    '{"keys":null}',
    '{"keys":"x"}',
    '{"__proto__":{"keys":[]}}',
  ])('T53: %o is no key set', (text) => {
    expect(readKeySet(Buffer.from(text))).toBeUndefined();
  });

  it('is not fooled by bytes that are not UTF-8, nor by nesting', () => {
    expect(readKeySet(Buffer.from([0x7b, 0xff, 0x7d]))).toBeUndefined();
    const nested = `{"keys":[${'['.repeat(70_000)}${']'.repeat(70_000)}]}`;
    expect(readKeySet(Buffer.from(nested))?.rejections).toEqual(['not-an-object']);
  });
});

function createGood(): Json {
  return { ...p256.jwk, kid: 'good' };
}
