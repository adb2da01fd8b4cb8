import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import type { JobStore } from '../../functions/jobs/job-store.ts';
import { describeReservation } from '../../functions/jobs/reservation.ts';
import { sampleClaim, sampleTransitions } from '../support/job-transitions.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob, sampleTime } from '../support/sample-job.ts';
import { serviceError } from '../support/service-error.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';

let faulty: FaultyStores;
/** Through the proxy, and beside it. */
let store: JobStore;
let direct: JobStore;
beforeAll(async () => {
  faulty = await startFaultyStores();
  direct = createDynamoDbJobStore(faulty.direct.documents, faulty.direct.ref('JobsTable'));
});
afterAll(() => faulty.stop());
beforeEach(async () => {
  faulty.heal();
  store = createDynamoDbJobStore(faulty.connect().documents, faulty.direct.ref('JobsTable'));
  await faulty.direct.clearJobs();
});

const job = sampleJob();
const { binaryId } = job;
const place = () => direct.place(demoTenant, job);
const writes = () => faulty.proxies.dynamodb.seen.filter(({ operation }) => /^(?:Put|Update)Item$/.test(operation));
const stored = () => direct.read(demoTenant, binaryId);

describe.each(sampleTransitions)('$name', ({ given, write, record }) => {
  test('A6, A34: is applied, and applied once, when its answer was lost and the SDK sent it again', async () => {
    const seen = (await given(direct)) ?? job;
    faulty.proxies.dynamodb.inject({ fault: { kind: 'lose-answer' }, times: 1 });
    const { outcome, job: written } = await write(store, seen);
    expect(outcome).toBe('applied');
    expect(writes()).toHaveLength(2);
    expect(await stored()).toMatchObject(record);
    expect(written).toEqual(await stored());
  });

  test('A6, A34: of which every answer is lost has an unknown outcome, not a failed one', async () => {
    const seen = (await given(direct)) ?? job;
    faulty.proxies.dynamodb.inject({ fault: { kind: 'lose-answer' } });
    await expect(write(store, seen)).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(writes()).toHaveLength(3);
    expect(await stored()).toMatchObject(record);
  });

  test('that never reached the table is an unavailable dependency, and the record is as it was', async () => {
    const seen = await given(direct);
    faulty.proxies.dynamodb.inject({ fault: { kind: 'reset' } });
    await expect(write(store, seen ?? job)).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(await stored()).toEqual(seen);
  });
});

describe('a claim whose answer was lost', () => {
  test('A34: is never taken for applied when another worker has the job', async () => {
    await place();
    await direct.claim(demoTenant, binaryId, sampleClaim('b'));
    faulty.proxies.dynamodb.inject({ fault: { kind: 'lose-answer' }, times: 1 });
    expect((await store.claim(demoTenant, binaryId, sampleClaim('a'))).outcome).toBe('conflict');
    expect((await stored())?.lease?.token).toBe('b');
  });
  test('A34: whose author cannot be asked after either has an unknown outcome', async () => {
    await place();
    faulty.proxies.dynamodb.inject({ operation: 'UpdateItem', fault: { kind: 'lose-answer' }, times: 1 });
    faulty.proxies.dynamodb.inject({ operation: 'GetItem', fault: { kind: 'reset' } });
    await expect(store.claim(demoTenant, binaryId, sampleClaim('a'))).rejects.toEqual(
      serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'),
    );
  });
});

describe('reserve', () => {
  const order = { userId: demoUser, idempotencyKey: 'k1', operation: '$execute-patient-usage-stats', parameters: [] };
  const wanted = (n: number) =>
    describeReservation(order, { binaryId: sampleBinaryId(String(n)), jobId: `job-${n}` }, sampleTime);

  test('A6: whose answer was lost is held by the same order, and by nobody else', async () => {
    faulty.proxies.dynamodb.inject({ fault: { kind: 'lose-answer' }, times: 1 });
    expect(await store.reserve(demoTenant, wanted(1))).toEqual(wanted(1));
    expect(await direct.reserve(demoTenant, wanted(2))).toEqual(wanted(1));
  });
  test('that never reached the table leaves the key free', async () => {
    faulty.proxies.dynamodb.inject({ fault: { kind: 'reset' } });
    await expect(store.reserve(demoTenant, wanted(1))).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(await direct.reserve(demoTenant, wanted(2))).toEqual(wanted(2));
  });
});

describe('admit', () => {
  const admit = (asked: JobStore, writer: string, now = sampleTime) =>
    asked.admit(demoTenant, { mode: 'execute', now, limit: 2, writer });
  const loseAnswer = (operation: string) =>
    faulty.proxies.dynamodb.inject({ operation, fault: { kind: 'lose-answer' }, times: 1 });

  test('A6: whose answer was lost takes one place, also where it is the last one', async () => {
    loseAnswer('UpdateItem');
    expect(await admit(store, 'a')).toBe(true);
    loseAnswer('UpdateItem');
    expect(await admit(store, 'b')).toBe(true);
    expect(await admit(store, 'c')).toBe(false);
  });
  test('A6: whose recount lost its answer takes one place', async () => {
    await admit(direct, 'a');
    await admit(direct, 'b');
    loseAnswer('PutItem');
    expect(await admit(store, 'c', sampleTime + 60_000)).toBe(true);
    expect(await admit(direct, 'd', sampleTime + 60_000)).toBe(true);
    expect(await admit(direct, 'e', sampleTime + 60_000)).toBe(false);
  });
});

describe('an answer of the table', () => {
  test('that breaks off is asked for again', async () => {
    await place();
    faulty.proxies.dynamodb.inject({ operation: 'GetItem', fault: { kind: 'cut', afterBytes: 20 }, times: 1 });
    expect(await store.read(demoTenant, binaryId)).toEqual(job);
    expect(faulty.proxies.dynamodb.seen).toHaveLength(2);
  });
  test('that is only a part of itself is never taken for a record', async () => {
    await place();
    faulty.proxies.dynamodb.inject({ operation: 'GetItem', fault: { kind: 'shorten', afterBytes: 20 } });
    await expect(store.read(demoTenant, binaryId)).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
  });
  test.each([
    ['never comes', { kind: 'blackhole' }],
    ['breaks off in silence', { kind: 'stall', afterBytes: 20 }],
    ['comes with the headers only', { kind: 'stall', afterBytes: 0 }],
  ] as const)('that %s is an unavailable dependency once three attempts were waited for', async (_what, fault) => {
    await place();
    const impatient = createDynamoDbJobStore(faulty.connect(100).documents, faulty.direct.ref('JobsTable'));
    faulty.proxies.dynamodb.inject({ fault });
    await expect(impatient.read(demoTenant, binaryId)).rejects.toEqual(serviceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect(faulty.proxies.dynamodb.seen).toHaveLength(3);
  });
  test('that comes late, but within the time, is as good as any', async () => {
    await place();
    faulty.proxies.dynamodb.inject({ fault: { kind: 'delay', millis: 100 } });
    expect(await store.read(demoTenant, binaryId)).toEqual(job);
    expect(faulty.proxies.dynamodb.seen).toHaveLength(1);
  });
  test('does not come over a connection that died while the function slept: another is used', async () => {
    await place();
    await store.read(demoTenant, binaryId);
    faulty.proxies.dynamodb.inject({ connection: 'used', fault: { kind: 'reset' } });
    expect(await store.read(demoTenant, binaryId)).toEqual(job);
    expect(faulty.proxies.dynamodb.seen.map(({ connection }) => connection)).toEqual(['new', 'used', 'new']);
  });
});
