import { expect, test } from 'vitest';
import { createAuthBench, createTenant } from '../support/auth-bench.ts';
import { bytesInUse } from '../support/memory.ts';
import { encodePart } from '../support/signed-tokens.ts';

/** A token of an issuer that nobody knows, of two kilobytes, signed with nothing. */
const unsignedToken = (index: number): string => {
  const issuer = `https://login.${index}.example/realms/${'x'.repeat(1_500)}`;
  return `Bearer ${encodePart({ alg: 'RS256', kid: `k${index}` })}.${encodePart({ iss: issuer, aud: 'EHealth' })}.AAAA`;
};

test('T41: 3 000 unsigned tokens of unknown issuers cause no fetch, no log and leave nothing behind', async () => {
  const bench = createAuthBench([createTenant('tenant-a')]);
  const refuse = async (count: number): Promise<number> => {
    let refusals = 0;
    for (let index = 0; index < count; index += 1) {
      await bench.verifier.verify(unsignedToken(index)).catch(() => {
        refusals += 1;
      });
    }
    return refusals;
  };
  await refuse(300);
  const before = bytesInUse();
  expect(await refuse(3_000)).toBe(3_000);
  // An entry for each would be 4.5 MB of issuers alone.
  expect(bytesInUse() - before).toBeLessThan(1e6);
  expect(bench.fetched).toEqual([]);
  expect(bench.log.entries).toEqual([]);
});
