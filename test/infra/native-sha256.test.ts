import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256Node } from '../../infra/native-sha256.ts';

/** The SDK's own, which the bundles do without. */
const { Sha256: Theirs } = (await import('@smithy/core/checksum')) as unknown as { Sha256: typeof Sha256Node };

const bytes = fc.uint8Array({ maxLength: 200 });
const secrets = fc.oneof(
  fc.constant(undefined),
  fc.string(),
  bytes,
  bytes.map((one) => one.buffer),
  bytes.map((one) => Buffer.from(one).subarray(one.length >> 1)),
);

/** All that comes of a hash that is used in this way: after each part, after a further digest, after it began anew. */
const useHash = async (
  Hash: typeof Sha256Node,
  secret: ConstructorParameters<typeof Sha256Node>[0],
  parts: readonly Uint8Array[],
) => {
  const hash = new Hash(secret);
  const results: unknown[] = [];
  const note = async (): Promise<void> => {
    try {
      for (const part of parts) hash.update(part);
      results.push(Buffer.from(await hash.digest()).toString('hex'));
    } catch (error) {
      results.push(String(error));
    }
  };
  await note();
  if (secret === undefined || secret === '') await note();
  hash.reset();
  await note();
  return results;
};

test('digests and HMACs are those of the SDK, whatever key and data are given', async () => {
  await fc.assert(
    fc.asyncProperty(secrets, fc.array(bytes, { maxLength: 3 }), async (secret, parts) => {
      expect(await useHash(Sha256Node, secret, parts)).toEqual(await useHash(Theirs, secret, parts));
    }),
    { numRuns: 200 },
  );
});

test('an HMAC takes nothing more after its digest', async () => {
  for (const Hash of [Sha256Node, Theirs]) {
    const hmac = new Hash('secret');
    hmac.update(Buffer.from('a'));
    await hmac.digest();
    expect(() => hmac.update(Buffer.from('b'))).toThrow('already finished');
  }
});

test('the HMAC of RFC 4231, test case 2', async () => {
  const hmac = new Sha256Node(Buffer.from('Jefe'));
  hmac.update(Buffer.from('what do ya want for nothing?'));
  expect(Buffer.from(await hmac.digest()).toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});
