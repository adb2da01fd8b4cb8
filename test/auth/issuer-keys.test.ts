import { describe, expect, it } from 'vitest';
import { createIssuerKeys } from '../../functions/auth/issuer-keys.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createTenant } from '../support/auth-bench.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createEcKey, keySetOf, type SigningKey } from '../support/signed-tokens.ts';

const tenant = createTenant('tenant-a');
const neighbour = createTenant('tenant-b');
const first = createEcKey('first', 'P-256', 'ES256');
const second = createEcKey('second', 'P-256', 'ES256');
const minutes = (count: number) => count * 60_000;
const down = () => {
  throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'issuer-status' });
};
const unavailable = { code: 'GENERAL_DEPENDENCY_UNAVAILABLE', details: { retryAfterSeconds: 5 } };

/** Keys of issuers that answer at once, as the test decides. */
const setUp = (answer: () => Uint8Array | Promise<Uint8Array> = () => keySetOf(first)) => {
  const clock = createManualClock();
  const log = createRecordedLog();
  const fetched: string[] = [];
  const issuer = { answer };
  const fetcher = {
    fetch: async (jwksUri: string) => {
      fetched.push(jwksUri);
      return jwksUri === tenant.jwksUri ? issuer.answer() : keySetOf(first);
    },
  };
  const keys = createIssuerKeys({ fetcher, clock, logger: log });
  const find = async (kid: string) => (await keys.find(tenant, kid))?.kid;
  return { clock, log, fetched, issuer, keys, find };
};

const publish =
  (...keys: readonly SigningKey[]) =>
  () =>
    keySetOf(...keys);

describe('a healthy issuer', () => {
  it('T32: is asked once in ten minutes for a key that it publishes', async () => {
    const { find, clock, fetched } = setUp();
    for (const advance of [0, 5_000, minutes(9)]) {
      clock.advance(advance);
      expect(await find('first')).toBe('first');
    }
    expect(fetched).toHaveLength(1);
    clock.advance(minutes(1));
    await find('first');
    expect(fetched).toHaveLength(2);
  });

  it('answers requests at the same time from one fetch', async () => {
    const reply = Promise.withResolvers<Uint8Array>();
    const { find, fetched } = setUp(() => reply.promise);
    const found = Promise.all([find('first'), find('first'), find('unknown')]);
    reply.resolve(keySetOf(first));
    expect(await found).toEqual(['first', 'first', undefined]);
    expect(fetched).toHaveLength(1);
  });

  it('T33: a new key is accepted within ten seconds, the old one as long as it is published', async () => {
    const { find, clock, issuer } = setUp();
    await find('first');
    issuer.answer = publish(first, second);
    clock.advance(10_000);
    expect(await find('second')).toBe('second');
    expect(await find('first')).toBe('first');
  });

  it('T30: unknown keys cost one fetch in five seconds, and keys that are known do not wait for it', async () => {
    const { find, clock, fetched, issuer } = setUp();
    await find('first');
    clock.advance(5_000);
    const reply = Promise.withResolvers<Uint8Array>();
    issuer.answer = () => reply.promise;
    const unknown = find('unknown-1');
    expect(await find('first')).toBe('first');
    reply.resolve(keySetOf(first));
    expect(await unknown).toBeUndefined();
    clock.advance(4_999);
    for (let index = 0; index < 100; index += 1) expect(await find(`unknown-${index}`)).toBeUndefined();
    expect(fetched).toHaveLength(2);
  });

  it('T34: a withdrawn key is accepted until the ten minutes are over', async () => {
    const { find, clock, issuer } = setUp(publish(first, second));
    await find('second');
    issuer.answer = publish(first);
    clock.advance(minutes(10) - 1);
    expect(await find('second')).toBe('second');
    clock.advance(1);
    expect(await find('second')).toBeUndefined();
  });

  it('a key that is replaced under its old kid is taken up with the next key set', async () => {
    const { keys, clock, issuer } = setUp();
    const before = await keys.find(tenant, 'first');
    issuer.answer = publish({ ...second, jwk: { ...second.jwk, kid: 'first' } });
    clock.advance(minutes(10));
    const after = await keys.find(tenant, 'first');
    expect(after?.jwk['x']).not.toBe(before?.jwk['x']);
  });

  it('is asked anew when the tenant gets another jwksUri', async () => {
    const { keys, fetched } = setUp();
    await keys.find(tenant, 'first');
    await keys.find({ ...tenant, jwksUri: 'https://login.moved.dk/certs' }, 'first');
    expect(fetched).toEqual([tenant.jwksUri, 'https://login.moved.dk/certs']);
  });

  it('is asked anew after the clock was set back', async () => {
    const { find, clock, fetched } = setUp();
    await find('first');
    clock.advance(-minutes(60));
    expect(await find('first')).toBe('first');
    expect(fetched).toHaveLength(2);
  });

  it('T24: is told of unusable keys once, until they change', async () => {
    const weak = { ...first, jwk: { ...first.jwk, kid: 'enc', use: 'enc' } };
    const { find, clock, log, issuer } = setUp(publish(first, weak));
    await find('first');
    clock.advance(minutes(10));
    await find('first');
    expect(log.of('ISSUER_KEY_REJECTED')).toEqual([{ tenant: 'tenant-a', reason: 'purpose' }]);
    issuer.answer = publish(first, weak, first);
    clock.advance(minutes(10));
    await find('first');
    expect(log.of('ISSUER_KEY_REJECTED').map(({ reason }) => reason)).toEqual(['purpose', 'purpose', 'duplicate-kid']);
  });
});

describe('an issuer that is down', () => {
  it.each<[string, () => Uint8Array, string]>([
    ['fails', down, 'issuer-status'],
    ['gives HTML', () => Buffer.from('<html></html>'), 'issuer-form'],
    ['gives {}', () => Buffer.from('{}'), 'issuer-form'],
    ['gives no usable key', () => keySetOf({ kty: 'oct', kid: 'a', k: 'AA' }), 'issuer-no-usable-key'],
    [
      'breaks the fetcher',
      () => {
        throw new TypeError('secret');
      },
      'issuer-fetch',
    ],
  ])('T53: that %s makes the tenant unavailable, and is left alone for five seconds', async (_name, answer, reason) => {
    const { find, clock, log, fetched, issuer } = setUp(answer);
    await expect(find('first')).rejects.toMatchObject(unavailable);
    clock.advance(4_999);
    await expect(find('first')).rejects.toMatchObject(unavailable);
    expect(fetched).toHaveLength(1);
    expect(log.of('ISSUER_UNAVAILABLE')).toEqual([{ tenant: 'tenant-a', reason, milliseconds: 0, servedStale: false }]);
    issuer.answer = publish(first);
    clock.advance(1);
    expect(await find('first')).toBe('first');
  });

  it("T53: does not touch another tenant's", async () => {
    const { keys, find } = setUp(down);
    await expect(find('first')).rejects.toMatchObject(unavailable);
    expect((await keys.find(neighbour, 'first'))?.kid).toBe('first');
  });

  it("T54: that hangs holds up no other tenant's request", async () => {
    const { keys, find } = setUp(() => new Promise<never>(() => {}));
    void find('first');
    expect((await keys.find(neighbour, 'first'))?.kid).toBe('first');
  });

  it('goes on with the last key set for an hour, with an alarm at each try', async () => {
    const { find, clock, log, issuer } = setUp();
    await find('first');
    issuer.answer = down;
    clock.advance(minutes(10));
    expect(await find('first')).toBe('first');
    expect(log.of('ISSUER_UNAVAILABLE')).toEqual([
      { tenant: 'tenant-a', reason: 'issuer-status', milliseconds: 0, servedStale: true, ageSeconds: 600 },
    ]);
    clock.advance(minutes(50) - 1);
    expect(await find('first')).toBe('first');
    clock.advance(1);
    await expect(find('first')).rejects.toMatchObject(unavailable);
    clock.advance(minutes(1));
    await expect(find('first')).rejects.toMatchObject(unavailable);
    expect(log.of('ISSUER_UNAVAILABLE').at(-1)).toMatchObject({ servedStale: false });
  });

  it('is not asked for a known key during the pause, and serves it from the last key set', async () => {
    const { find, clock, fetched, issuer } = setUp();
    await find('first');
    issuer.answer = down;
    clock.advance(minutes(10));
    await find('first');
    clock.advance(4_999);
    expect(await find('first')).toBe('first');
    expect(fetched).toHaveLength(2);
  });

  it('makes an unknown key a matter of later: nobody can say whether it is new', async () => {
    const { find, clock, issuer } = setUp();
    await find('first');
    issuer.answer = down;
    clock.advance(minutes(1));
    await expect(find('second')).rejects.toMatchObject(unavailable);
    expect(await find('first')).toBe('first');
    issuer.answer = publish(first, second);
    clock.advance(5_000);
    expect(await find('second')).toBe('second');
  });

  it('a withdrawn key stays refused when the issuer goes down after it was withdrawn', async () => {
    const { find, clock, issuer } = setUp(publish(first, second));
    await find('second');
    issuer.answer = publish(first);
    clock.advance(minutes(10));
    await find('first');
    issuer.answer = down;
    clock.advance(minutes(10));
    await expect(find('second')).rejects.toMatchObject(unavailable);
    expect(await find('first')).toBe('first');
  });

  it('is not wedged by a fetch that was frozen half-way, and ignores what that brings later', async () => {
    const frozen = Promise.withResolvers<Uint8Array>();
    const { find, clock, fetched, issuer } = setUp(() => frozen.promise);
    const lost = find('first').catch((error: unknown) => error);
    clock.advance(minutes(30));
    issuer.answer = publish(second);
    expect(await find('second')).toBe('second');
    expect(fetched).toHaveLength(2);
    frozen.resolve(keySetOf(first));
    await lost;
    expect(await find('first')).toBeUndefined();
  });

  it('a lost fetch that fails later is no alarm and no pause', async () => {
    const frozen = Promise.withResolvers<Uint8Array>();
    const { find, clock, log, fetched, issuer } = setUp(() => frozen.promise);
    const lost = find('first').catch((error: unknown) => error);
    clock.advance(minutes(30));
    issuer.answer = publish(second);
    await find('second');
    frozen.reject(new TypeError('socket hang up'));
    await lost;
    clock.advance(minutes(10));
    expect(await find('second')).toBe('second');
    expect(fetched).toHaveLength(3);
    expect(log.of('ISSUER_UNAVAILABLE')).toEqual([]);
  });

  it('who waited for a lost fetch while the next is under way is told to come back, not refused', async () => {
    const frozen = Promise.withResolvers<Uint8Array>();
    const { find, clock, issuer } = setUp(() => frozen.promise);
    const lost = expect(find('first')).rejects.toMatchObject(unavailable);
    clock.advance(minutes(30));
    const next = Promise.withResolvers<Uint8Array>();
    issuer.answer = () => next.promise;
    const found = find('first');
    frozen.resolve(keySetOf(first));
    await lost;
    next.resolve(keySetOf(first));
    expect(await found).toBe('first');
  });
});
