import { describe, expect, test } from 'vitest';
import { type ContractBench, createContractBench, errorOf, errorRow } from '../../support/contract-bench.ts';

/** From when on a place is free again that nothing holds any more. */
const settled = 10_000;

const throttled = errorRow(
  'GENERAL_THROTTLED',
  429,
  'throttled',
  'Too many requests. Try again after the time in Retry-After.',
);
const statusesOf = (answers: readonly { readonly status: number }[]) => answers.map(({ status }) => status);
const written = ({ api }: ContractBench) => [api.jobs.all().length, api.sent.length];

/** A tenant `demo` with two places of each mode, both taken by reports that are under way. */
const createFullBench = async () => {
  const bench = createContractBench({ openJobs: { execute: 2, schedule: 2 } });
  const ids = [await bench.orderId(), await bench.orderId()] as const;
  bench.api.clock.advance(settled);
  return { ...bench, ids };
};

describe('an order of a tenant that has as many open jobs as it may have', () => {
  test('H66: is 429 throttled with Retry-After, says why, and is audited and logged with its reason', async () => {
    const { order, api } = await createFullBench();
    const answer = await order();
    expect(errorOf(answer)).toEqual(throttled);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.text).toContain('2 reports that were ordered with $execute-… are not finished');
    expect(api.audited).toHaveLength(3);
    expect(api.logger.of('REQUEST_COMPLETED').at(-1)).toMatchObject({
      tenant: 'demo',
      status: 429,
      errorCode: 'GENERAL_THROTTLED',
      reason: 'open-jobs-execute',
    });
  });
  test('H66: writes nothing: no bytes, no record, no reservation, no message', async () => {
    const bench = await createFullBench();
    const before = written(bench);
    let reserved = 0;
    const { reserve } = bench.api.jobs;
    Object.assign(bench.api.jobs, {
      reserve: (...call: Parameters<typeof reserve>) => {
        reserved += 1;
        return reserve(...call);
      },
    });
    for (const headers of [{}, { 'idempotency-key': 'k' }])
      expect((await bench.order('execute', { headers })).status).toBe(429);
    expect([written(bench), reserved]).toEqual([before, 0]);
  });
  test('H66: is refused to its other users too', async () => {
    const { order } = await createFullBench();
    expect((await order('execute', { as: 'colleague' })).status).toBe(429);
    expect((await order('execute', { as: 'system' })).status).toBe(429);
  });
  test("H66: is no matter of other tenants', of the other mode, or of reports within the call", async () => {
    const { order } = await createFullBench();
    expect((await order('execute', { as: 'namesake' })).status).toBe(200);
    expect(statusesOf([await order('schedule'), await order('schedule'), await order('schedule')])).toEqual([
      200, 200, 429,
    ]);
    expect((await order('fetch')).status).toBe(200);
  });
  test('H66: is refused for what is wrong with it first', async () => {
    const { order } = await createFullBench();
    const wrong = [{ as: '' }, { as: 'reader' }, { body: '{' }];
    expect(statusesOf(await Promise.all(wrong.map((own) => order('execute', own))))).toEqual([401, 403, 400]);
  });
});

describe('a tenant that is full can order again', () => {
  test('H66: when a report of its own is finished', async () => {
    const bench = createContractBench({ openJobs: { execute: 2, schedule: 2 } });
    await bench.orderId();
    await bench.finishedId();
    expect((await bench.order()).status).toBe(429);
    bench.api.clock.advance(settled);
    expect(statusesOf([await bench.order(), await bench.order()])).toEqual([200, 429]);
  });
  test('H66: when one has failed', async () => {
    const bench = createContractBench({ openJobs: { execute: 1, schedule: 1 } });
    await bench.failedId();
    bench.api.clock.advance(settled);
    expect((await bench.order()).status).toBe(200);
  });
  test('H66: when one was deleted, and a deleted one is not counted twice', async () => {
    const { order, call, ids } = await createFullBench();
    for (let n = 0; n < 2; n += 1) await call('DELETE', `Binary/${ids[0]}`);
    expect(statusesOf([await order(), await order()])).toEqual([200, 429]);
  });
  test('H66: when the dispatcher has ended one at its deadline', async () => {
    const { order, tick, api } = await createFullBench();
    api.clock.advance(15 * 60_000);
    await tick();
    expect((await order()).status).toBe(200);
  });
});

describe('an order with the Idempotency-Key of an earlier one', () => {
  const headers = { 'idempotency-key': 'k' };
  test('H66: is answered as ever where the tenant has no place left, and takes none', async () => {
    const bench = createContractBench({ openJobs: { execute: 2, schedule: 2 } });
    const first = await bench.order('execute', { headers });
    for (let n = 0; n < 9; n += 1) expect((await bench.order('execute', { headers })).text).toBe(first.text);
    expect(statusesOf([await bench.order(), await bench.order()])).toEqual([200, 429]);
    expect((await bench.order('execute', { headers })).text).toBe(first.text);
    expect(bench.api.jobs.all()).toHaveLength(2);
  });
  test('H66: for another report is 422 also where the tenant has no place left', async () => {
    const bench = createContractBench({ openJobs: { execute: 1, schedule: 1 } });
    await bench.order('execute', { headers });
    expect((await bench.order('schedule', { headers })).status).toBe(422);
  });
  test('H66: that was refused for want of a place is placed when there is one', async () => {
    const bench = await createFullBench();
    expect((await bench.order('execute', { headers })).status).toBe(429);
    await bench.call('DELETE', `Binary/${bench.ids[0]}`);
    bench.api.clock.advance(1000);
    const placed = await bench.order('execute', { headers });
    expect([placed.status, (await bench.order('execute', { headers })).text]).toEqual([200, placed.text]);
  });
});

test('H66: of two hundred orders at once as many are accepted as the tenant has places; all others are 429 and leave nothing behind', async () => {
  const bench = createContractBench({ openJobs: { execute: 70, schedule: 1 } });
  const answers = await Promise.all(Array.from({ length: 200 }, () => bench.order()));
  const refused = answers.filter(({ status }) => status === 429);
  expect([answers.filter(({ status }) => status === 200).length, refused.length]).toEqual([70, 130]);
  for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(written(bench)).toEqual([70, 70]);
});
