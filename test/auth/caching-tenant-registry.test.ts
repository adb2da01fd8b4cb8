import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCachingTenantRegistry } from '../../functions/auth/caching-tenant-registry.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';

const issuer = (id: string) => `https://login.${id}.dk/realms/ehealth`;

/** A source whose answers the test gives one by one. */
const createSource = () => {
  const reads: PromiseWithResolvers<readonly unknown[]>[] = [];
  const signals: AbortSignal[] = [];
  return {
    reads,
    signals,
    readAll: (signal: AbortSignal) => {
      const read = Promise.withResolvers<readonly unknown[]>();
      reads.push(read);
      signals.push(signal);
      return read.promise;
    },
  };
};

const setUp = () => {
  const source = createSource();
  const clock = createManualClock();
  const log = createRecordedLog();
  const registry = createCachingTenantRegistry({
    source,
    clock,
    logger: log,
    trustedPrivateHosts: new Set(),
    region: 'eu-north-1',
    cacheSeconds: 60,
    readLimitMillis: 3_000,
  });
  const answer = async (index: number, records: readonly unknown[]): Promise<void> => {
    source.reads[index]?.resolve(records);
    await vi.advanceTimersByTimeAsync(0);
  };
  const fail = async (index: number): Promise<void> => {
    source.reads[index]?.reject(new TypeError('table secret-table not found'));
    await vi.advanceTimersByTimeAsync(0);
  };
  /** Reads once, so that tenant `a` is known. */
  const warmUp = async (): Promise<void> => {
    const first = registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    await answer(0, [tenantRecord('a')]);
    await first;
  };
  return { source, clock, log, registry, answer, fail, warmUp };
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a caching registry', () => {
  it('tells all that it has, from the same reading', async () => {
    const { source, registry, answer } = setUp();
    const all = registry.all();
    await answer(0, [tenantRecord('a'), tenantRecord('b', { enabled: false })]);
    expect((await all).map(({ id }) => id)).toEqual(['a', 'b']);
    await registry.all();
    expect(source.reads).toHaveLength(1);
  });

  it('reads once for many requests at the same time, and keeps the answer', async () => {
    const { source, registry, answer, clock } = setUp();
    const found = Promise.all([
      registry.byIssuer(issuer('a')),
      registry.byId(restoreTenantId('b')),
      registry.byIssuer('x'),
    ]);
    await vi.advanceTimersByTimeAsync(0);
    await answer(0, [tenantRecord('a'), tenantRecord('b')]);
    expect((await found).map((tenant) => tenant?.id)).toEqual(['a', 'b', undefined]);
    clock.advance(59_999);
    await registry.byIssuer(issuer('a'));
    expect(source.reads).toHaveLength(1);
  });

  it('answers unknown issuers from memory', async () => {
    const { source, registry, warmUp } = setUp();
    await warmUp();
    for (let index = 0; index < 1000; index += 1) expect(await registry.byIssuer(`unknown-${index}`)).toBeUndefined();
    expect(source.reads).toHaveLength(1);
  });

  it('renews an old reading beside the requests, which do not wait', async () => {
    const { source, registry, clock, answer, warmUp } = setUp();
    await warmUp();
    clock.advance(60_000);
    expect((await registry.byIssuer(issuer('a')))?.id).toBe('a');
    expect(await registry.byIssuer(issuer('b'))).toBeUndefined();
    expect(source.reads).toHaveLength(2);
    await answer(1, [tenantRecord('b')]);
    expect((await registry.byIssuer(issuer('b')))?.id).toBe('b');
    expect(await registry.byIssuer(issuer('a'))).toBeUndefined();
  });

  it('T59: a tenant that was disabled long ago is not served from a container that slept', async () => {
    const { registry, clock, answer, warmUp } = setUp();
    await warmUp();
    clock.advance(3_600_000);
    const found = registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    await answer(1, [tenantRecord('a', { enabled: false })]);
    expect((await found)?.enabled).toBe(false);
  });

  it('goes on with the last reading when the next one fails, and tries again after a pause', async () => {
    const { source, registry, clock, log, fail, warmUp } = setUp();
    await warmUp();
    clock.advance(600_000);
    const found = registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    await fail(1);
    expect((await found)?.id).toBe('a');
    expect(log.of('TENANT_REGISTRY_STALE')).toEqual([{ errorName: 'TypeError', ageSeconds: 600 }]);
    clock.advance(4_999);
    expect((await registry.byIssuer(issuer('a')))?.id).toBe('a');
    expect(source.reads).toHaveLength(2);
    clock.advance(1);
    void registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    expect(source.reads).toHaveLength(3);
  });

  it('is unavailable while there never was a reading, and tells nothing of the cause', async () => {
    const { source, registry, clock, log, answer, fail } = setUp();
    const found = expect(registry.byIssuer(issuer('a'))).rejects.toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
      details: { retryAfterSeconds: 5, reason: 'tenant-registry' },
    });
    await vi.advanceTimersByTimeAsync(0);
    await fail(0);
    await found;
    expect(log.of('TENANT_REGISTRY_UNAVAILABLE')).toEqual([{ errorName: 'TypeError' }]);
    await expect(registry.byIssuer(issuer('a'))).rejects.toMatchObject({ code: 'GENERAL_DEPENDENCY_UNAVAILABLE' });
    expect(source.reads).toHaveLength(1);
    clock.advance(1_000);
    const later = registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    await answer(1, [tenantRecord('a')]);
    expect((await later)?.id).toBe('a');
  });

  it('shares a reading that takes a while, and its failure, and leaves no timer behind', async () => {
    const { source, registry, clock, log, fail } = setUp();
    const unavailable = { code: 'GENERAL_DEPENDENCY_UNAVAILABLE' };
    const first = expect(registry.byIssuer(issuer('a'))).rejects.toMatchObject(unavailable);
    await vi.advanceTimersByTimeAsync(0);
    clock.advance(2_000);
    const second = expect(registry.byIssuer(issuer('a'))).rejects.toMatchObject(unavailable);
    await fail(0);
    await Promise.all([first, second]);
    expect(source.reads).toHaveLength(1);
    expect(log.of('TENANT_REGISTRY_UNAVAILABLE')).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up a reading that takes too long', async () => {
    const { source, registry, log } = setUp();
    const found = expect(registry.byIssuer(issuer('a'))).rejects.toMatchObject({
      code: 'GENERAL_DEPENDENCY_UNAVAILABLE',
    });
    await vi.advanceTimersByTimeAsync(3_000);
    await found;
    expect(source.signals[0]?.aborted).toBe(true);
    expect(log.of('TENANT_REGISTRY_UNAVAILABLE')).toEqual([{ errorName: 'TimeoutError' }]);
  });

  it('is not wedged by a reading that was frozen half-way, and ignores what it brings later', async () => {
    const { source, registry, clock, log, answer, warmUp } = setUp();
    await warmUp();
    clock.advance(60_000);
    await registry.byIssuer(issuer('a'));
    expect(source.reads).toHaveLength(2);
    // The container is frozen: its clock goes on, its timers and sockets do not.
    clock.advance(3_600_000);
    const found = registry.byIssuer(issuer('c'));
    await vi.advanceTimersByTimeAsync(0);
    expect(source.reads).toHaveLength(3);
    expect(source.signals[1]?.aborted).toBe(true);
    void registry.byIssuer(issuer('c'));
    await vi.advanceTimersByTimeAsync(0);
    expect(source.reads).toHaveLength(3);
    await answer(2, [tenantRecord('c')]);
    expect((await found)?.id).toBe('c');
    await answer(1, [tenantRecord('a')]);
    expect((await registry.byIssuer(issuer('c')))?.id).toBe('c');
    expect(log.of('TENANT_REGISTRY_STALE')).toEqual([]);
  });

  it('raises no alarm over a reading that failed because its container was frozen', async () => {
    const { source, registry, clock, log, answer, warmUp } = setUp();
    await warmUp();
    clock.advance(60_000);
    await registry.byIssuer(issuer('a'));
    clock.advance(3_600_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(source.signals[1]?.aborted).toBe(true);
    expect(log.entries).toEqual([]);
    const found = registry.byIssuer(issuer('b'));
    await answer(2, [tenantRecord('b')]);
    expect((await found)?.id).toBe('b');
  });

  it('reads again after the clock was set back', async () => {
    const { source, registry, clock, warmUp } = setUp();
    await warmUp();
    clock.advance(-3_600_000);
    void registry.byIssuer(issuer('a'));
    await vi.advanceTimersByTimeAsync(0);
    expect(source.reads).toHaveLength(2);
  });

  it('reports a record that does not serve once, and again when its problems change', async () => {
    const { registry, clock, log, answer } = setUp();
    const broken = tenantRecord('b', { audience: [] });
    const readings = [
      [tenantRecord('a'), broken],
      [tenantRecord('a'), broken],
      [tenantRecord('a'), { id: 'b' }],
    ];
    for (const [index, records] of readings.entries()) {
      clock.advance(3_600_000);
      const found = registry.byIssuer(issuer('a'));
      await vi.advanceTimersByTimeAsync(0);
      await answer(index, records);
      expect((await found)?.id).toBe('a');
    }
    expect(log.of('TENANT_CONFIG_INVALID')).toEqual([
      { tenant: 'b', problems: 'audience: must not be empty' },
      { tenant: 'b', problems: 'issuer: is missing; jwksUri: is missing; audience: is missing' },
    ]);
  });
});
