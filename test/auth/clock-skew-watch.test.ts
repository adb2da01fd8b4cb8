import { describe, expect, test } from 'vitest';
import { createClockSkewWatch } from '../../functions/auth/clock-skew-watch.ts';
import { createAuthBench, createTenant } from '../support/auth-bench.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { createRsaKey, keySetOf, signToken } from '../support/signed-tokens.ts';

const tenant = createTenant('tenant-a');
const neighbour = createTenant('tenant-b');
const setUp = () => {
  const clock = createManualClock();
  const log = createRecordedLog();
  return { clock, watch: createClockSkewWatch(clock, log), events: () => log.of('TOKEN_AHEAD_OF_CLOCK') };
};

describe('the watch over clocks', () => {
  test('T60: logs the first refusal at once, and then once a minute how many there were', () => {
    const { clock, watch, events } = setUp();
    for (let second = 0; second < 150; second += 1) {
      watch.note(tenant, 120.4);
      clock.advance(1_000);
    }
    expect(events()).toEqual([
      { tenant: 'tenant-a', secondsAhead: 120, refusals: 1 },
      { tenant: 'tenant-a', secondsAhead: 120, refusals: 60 },
      { tenant: 'tenant-a', secondsAhead: 120, refusals: 60 },
    ]);
  });

  test('T60: counts each tenant of its own', () => {
    const { watch, events } = setUp();
    watch.note(tenant, 60);
    watch.note(neighbour, 90);
    expect(events()).toEqual([
      { tenant: 'tenant-a', secondsAhead: 60, refusals: 1 },
      { tenant: 'tenant-b', secondsAhead: 90, refusals: 1 },
    ]);
  });

  test.each([[Number.NEGATIVE_INFINITY], [-60], [30], [600.1], [1e300], [Number.NaN]])(
    'T60: says nothing of a token that begins %d s from now',
    (secondsAhead) => {
      const { watch, events } = setUp();
      watch.note(tenant, secondsAhead);
      expect(events()).toEqual([]);
    },
  );

  test('T60: goes on after the clock was set back', () => {
    const { clock, watch, events } = setUp();
    watch.note(tenant, 60);
    clock.advance(-3_600_000);
    watch.note(tenant, 600);
    expect(events()).toHaveLength(2);
  });
});

describe('the verifier in a container whose clock is two minutes behind', () => {
  const key = createRsaKey('rsa');
  const forger = createRsaKey('rsa');
  const send = async (signer: typeof key, claims: Readonly<Record<string, number>>) => {
    const bench = createAuthBench([tenant]);
    bench.documents.set(tenant.jwksUri, keySetOf(key));
    const token = signToken(bench.claims(tenant, claims), signer);
    bench.clock.advance(-120_000);
    const refusal = await bench.verifier.verify(`Bearer ${token}`).catch((error: unknown) => error);
    return { refusal, events: bench.log.of('TOKEN_AHEAD_OF_CLOCK') };
  };

  test('T60: refuses fresh tokens, and counts them', async () => {
    const { refusal, events } = await send(key, {});
    expect(refusal).toMatchObject({ code: 'SECURITY_TOKEN_INVALID', details: { reason: 'issued-in-future' } });
    expect(events).toEqual([{ tenant: 'tenant-a', secondsAhead: 59, refusals: 1 }]);
  });

  test('T60: counts by nbf where that is later than iat', async () => {
    const bench = createAuthBench([tenant]);
    const nbf = Math.floor(bench.clock.now() / 1000);
    const { refusal, events } = await send(key, { nbf, iat: nbf - 600 });
    expect(refusal).toMatchObject({ details: { reason: 'not-yet-valid' } });
    expect(events).toEqual([{ tenant: 'tenant-a', secondsAhead: 119, refusals: 1 }]);
  });

  test('T60: lets nobody raise the alarm whose signature does not hold', async () => {
    const { refusal, events } = await send(forger, {});
    expect(refusal).toMatchObject({ details: { reason: 'signature-wrong' } });
    expect(events).toEqual([]);
  });
});
