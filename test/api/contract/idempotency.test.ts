import { describe, expect, test } from 'vitest';
import { createContractBench, errorOf, errorRow } from '../../support/contract-bench.ts';

const anonymized = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"ANONYMIZED"}]}';
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

describe('contract, idempotency:', () => {
  test.each(['execute', 'schedule'] as const)(
    'contract, idempotency: the same user, key and body on $%s get the same Binary again',
    async (mode) => {
      const bench = createContractBench();
      const [first, second] = [await bench.order(mode, keyed('k')), await bench.order(mode, keyed('k'))];
      expect([second.status, second.json()['id']]).toEqual([200, first.json()['id']]);
      expect(bench.api.jobs.all()).toHaveLength(1);
    },
  );
  test('contract, idempotency: within 24 hours, not after', async () => {
    const bench = createContractBench();
    const first = (await bench.order('execute', keyed('k'))).json()['id'];
    bench.api.clock.advance(24 * 3_600_000 - 1);
    expect((await bench.order('execute', keyed('k'))).json()['id']).toBe(first);
    // Reservations end at full seconds.
    bench.api.clock.advance(1000);
    expect((await bench.order('execute', keyed('k'))).json()['id']).not.toBe(first);
  });
  test('contract, idempotency: another user with the same key gets a Binary of their own', async () => {
    const bench = createContractBench();
    await bench.order('execute', keyed('k'));
    await bench.order('execute', { ...keyed('k'), as: 'colleague' });
    expect(new Set(bench.api.jobs.all().map(({ userId }) => userId)).size).toBe(2);
  });
  test('contract, idempotency: the same key with another body gets 422', async () => {
    const bench = createContractBench();
    await bench.order('execute', keyed('k'));
    expect(errorOf(await bench.order('execute', { ...keyed('k'), body: anonymized }))).toEqual(
      errorRow('REPORTING_IDEMPOTENCY_KEY_REUSED', 422, 'business-rule', expect.stringContaining('Idempotency-Key')),
    );
    expect(bench.api.jobs.all()).toHaveLength(1);
  });
  test('contract, idempotency: a key has at most 128 visible ASCII characters', async () => {
    const bench = createContractBench();
    expect((await bench.order('execute', keyed('!'.repeat(128)))).status).toBe(200);
    for (const key of ['', '!'.repeat(129), 'a b', 'æ', 'a\tb']) {
      const answer = await bench.order('execute', keyed(key));
      expect([answer.status, key === '' || !answer.text.includes(key)]).toEqual([400, true]);
    }
  });
  test('contract, idempotency: without the header every POST is a new job', async () => {
    const bench = createContractBench();
    await bench.order();
    await bench.order();
    expect(bench.api.jobs.all()).toHaveLength(2);
  });
});
