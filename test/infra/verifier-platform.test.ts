import { createPublicKey, generateKeyPairSync, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeWebCompat, type SignedInput } from '../../infra/verifier-platform.ts';

/** The library's own file, which the bundles do without. */
const { nodeWebCompat: theirs } = (await import(
  new URL('../../node_modules/aws-jwt-verify/dist/esm/node-web-compat-node.js', import.meta.url).href
)) as { nodeWebCompat: Pick<typeof nodeWebCompat, 'parseB64UrlString' | 'verifySignatureSync'> };

type Algorithm = SignedInput['alg'];

const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  pss: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  p256: ecPair('P-256'),
  p384: ecPair('P-384'),
  p521: ecPair('P-521'),
  ed25519: generateKeyPairSync('ed25519'),
  ed448: generateKeyPairSync('ed448'),
};

const algorithms: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const input = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"name":"Åse"}').toString('base64url')}`;

/** Signatures over the input by one key: by each digest, of ECDSA in both of its forms; none where the key cannot. */
const signaturesBy = (key: KeyObject): readonly string[] => {
  const forms: readonly SignKeyObjectInput[] = [
    { key, dsaEncoding: 'ieee-p1363' },
    { key, dsaEncoding: 'der' },
  ];
  return [null, 'sha256', 'sha384', 'sha512'].flatMap((digest) =>
    forms.flatMap((form) => {
      try {
        return [sign(digest, Buffer.from(input), form).toString('base64url')];
      } catch {
        return [];
      }
    }),
  );
};

/** Whether a signature is found good. Of some that are not, one of the two says so and the other throws; either refuses the token. */
const isGood = (verify: (asked: SignedInput) => boolean, asked: SignedInput): boolean => {
  try {
    return verify(asked);
  } catch {
    return false;
  }
};

const damage = (signature: string): readonly string[] => [
  signature,
  `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
  signature.slice(0, -4),
  `${signature}AAAA`,
  Buffer.from(signature, 'base64url').toString('base64'),
  '',
  'AAAA',
];

/** Each pair's signatures, as they are and damaged, and those of all the others. */
const signatures = Object.values(pairs).map(({ publicKey, privateKey }) => ({
  publicKey,
  own: signaturesBy(privateKey),
}));

test('every algorithm with every key finds the same signatures good as the library does', () => {
  const different: object[] = [];
  const good = new Set<Algorithm>();
  const compare = (asked: SignedInput): void => {
    const found = isGood(nodeWebCompat.verifySignatureSync, asked);
    if (found !== isGood(theirs.verifySignatureSync, asked)) different.push(asked);
    if (found) good.add(asked.alg);
  };
  for (const { publicKey: keyObject, own } of signatures) {
    const others = signatures.filter((other) => other.own !== own).flatMap((other) => other.own.slice(0, 1));
    for (const signature of [...own.flatMap(damage), ...others]) {
      for (const alg of algorithms) compare({ alg, keyObject, jwsSigningInput: input, signature });
    }
  }
  expect(different).toEqual([]);
  expect([...good]).toHaveLength(algorithms.length);
});

test('an input that was not signed is found bad, by both', () => {
  for (const { publicKey, privateKey } of [pairs.rsa, pairs.p256]) {
    const alg = publicKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
    for (const signature of signaturesBy(privateKey)) {
      const asked: SignedInput = { alg, keyObject: publicKey, jwsSigningInput: `${input}x`, signature };
      expect(isGood(nodeWebCompat.verifySignatureSync, asked)).toBe(false);
      expect(isGood(theirs.verifySignatureSync, asked)).toBe(false);
    }
  }
});

test('a key that came as a JWK is as good', () => {
  const keyObject = createPublicKey({ key: pairs.rsa.publicKey.export({ format: 'jwk' }), format: 'jwk' });
  const signature = sign('sha256', Buffer.from(input), pairs.rsa.privateKey).toString('base64url');
  expect(nodeWebCompat.verifySignatureSync({ alg: 'RS256', keyObject, jwsSigningInput: input, signature })).toBe(true);
});

test('base64url is decoded as the library does', () => {
  for (const text of ['', 'e30', 'eyJhIjoiw6UifQ', 'not base64 at all!', '-_-_']) {
    expect(nodeWebCompat.parseB64UrlString(text)).toBe(theirs.parseB64UrlString(text));
  }
});

test('nothing is fetched', () => {
  expect(() => nodeWebCompat.fetch()).toThrow('fetches nothing');
});
