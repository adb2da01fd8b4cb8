import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { createGuardedLookup } from '../../functions/auth/guarded-lookup.ts';

type Found = readonly LookupAddress[] | readonly [address: string, family: number] | { readonly code: string };

const lookUp = (addresses: readonly string[] | 'none', { mayBePrivate = false, all = true } = {}): Promise<Found> =>
  new Promise((resolve) => {
    const resolveHost = async () => (addresses === 'none' ? Promise.reject(new Error('NXDOMAIN x')) : addresses);
    createGuardedLookup(resolveHost, mayBePrivate)('host.dk', { all }, (error, found, family = 0) => {
      if (error !== null) resolve({ code: error.code ?? '' });
      else resolve(typeof found === 'string' ? [found, family] : found);
    });
  });

describe('a guarded lookup', () => {
  test('gives all public addresses, or the first, as it is asked', async () => {
    const addresses = ['8.8.8.8', '2a02::1'];
    const all = [
      { address: '8.8.8.8', family: 4 },
      { address: '2a02::1', family: 6 },
    ];
    expect(await lookUp(addresses)).toEqual(all);
    expect(await lookUp(addresses, { all: false })).toEqual(['8.8.8.8', 4]);
  });

  test.each([
    ['169.254.169.254', true],
    ['10.0.0.1', false],
  ])('refuses all where one of them is %s, whatever else there is', async (address, mayBePrivate) => {
    for (const addresses of [[address], ['8.8.8.8', address]])
      expect(await lookUp(addresses, { mayBePrivate })).toEqual({ code: 'ERR_ADDRESS_REFUSED' });
  });

  test('gives a private address of a host that the operator trusts', async () => {
    expect(await lookUp(['10.0.0.1'], { mayBePrivate: true })).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });

  test.each([[[]], ['none' as const]])('says that there is no such host where there is none: %o', async (addresses) => {
    expect(await lookUp(addresses)).toEqual({ code: 'ENOTFOUND' });
  });
});
