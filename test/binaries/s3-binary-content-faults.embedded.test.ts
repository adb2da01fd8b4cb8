import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contentKey, contentPrefix } from '../../functions/binaries/binary.ts';
import type { BinaryContent } from '../../functions/binaries/binary-content.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import type { Fault } from '../support/fault-plans.ts';
import { listKeys } from '../support/list-keys.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';
import { serviceError } from '../support/service-error.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';

let faulty: FaultyStores;
let bucket: string;
let content: BinaryContent;
let direct: BinaryContent;
beforeAll(async () => {
  faulty = await startFaultyStores();
  bucket = faulty.direct.ref('ContentBucket');
  direct = createS3BinaryContent(faulty.direct.s3, bucket);
});
afterAll(() => faulty.stop());
let count = 0;
let binaryId: string;
beforeEach(() => {
  faulty.heal();
  content = createS3BinaryContent(faulty.connect().s3, bucket);
  count += 1;
  binaryId = sampleBinaryId(count.toString(16));
});

const keyOf = (attempt = 'a') => contentKey(demoTenant, binaryId, 2, attempt);
const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => at % 251);
const put = (store: BinaryContent, signal = new AbortController().signal) =>
  store.put(demoTenant, { key: keyOf(), contentType: 'application/gzip-json', bytes }, signal);
const keys = () => listKeys(faulty.direct.s3, bucket, contentPrefix(demoTenant, binaryId));
const unavailable = serviceError('GENERAL_DEPENDENCY_UNAVAILABLE');

const slowDown = '<Error><Code>SlowDown</Code><Message>planted-secret</Message></Error>';
const refusals: readonly (readonly [string, Fault])[] = [
  ['503 SlowDown', { kind: 'answer', status: 503, body: slowDown }],
  ['500', { kind: 'answer', status: 500, body: '' }],
  ['a reset', { kind: 'reset' }],
];

describe('put', () => {
  test.each(refusals)('A38: after %s the bytes are sent again and stored', async (_what, fault) => {
    faulty.proxies.s3.inject({ operation: 'PUT', fault, times: 2 });
    await put(content);
    expect(Buffer.compare(await direct.get(demoTenant, keyOf()), bytes)).toBe(0);
    expect(faulty.proxies.s3.seen).toHaveLength(3);
  });
  test.each(refusals)('A38: %s again and again is an unavailable dependency', async (_what, fault) => {
    faulty.proxies.s3.inject({ operation: 'PUT', fault });
    const thrown = await put(content).catch((error: unknown) => error);
    expect(thrown).toEqual(unavailable);
    expect(JSON.stringify(thrown)).not.toContain('planted-secret');
    expect(await keys()).toEqual([]);
  });
  test('A38: whose answer was lost finds its own bytes there (412) and has stored them', async () => {
    // S3 refuses the repeat of a create-only write; the emulator would write a second time.
    faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'lose-answer' }, times: 1 });
    const there = '<Error><Code>PreconditionFailed</Code></Error>';
    faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'answer', status: 412, body: there } });
    await put(content);
    expect(Buffer.compare(await direct.get(demoTenant, keyOf()), bytes)).toBe(0);
  });
  describe('of an attempt that is over is not sent again, whenever its function goes on (I12)', () => {
    const over = new Error('the attempt is over');
    test('while it hangs', async () => {
      const attempt = new AbortController();
      faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'blackhole' } });
      void faulty.proxies.s3.next('PUT').then(() => attempt.abort(over));
      const impatient = createS3BinaryContent(faulty.connect(100).s3, bucket);
      // Once this has ended, so have the SDK's own tries: no further one can come.
      await expect(put(impatient, attempt.signal)).rejects.toBe(over);
      expect(faulty.proxies.s3.seen).toHaveLength(1);
    });
    test('in the pause before the next try', async () => {
      const attempt = new AbortController();
      faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'answer', status: 503, body: slowDown } });
      const { s3 } = faulty.connect();
      s3.middlewareStack.add((next) => (request) => next(request).finally(() => attempt.abort(over)), {
        step: 'deserialize',
        priority: 'low',
      });
      await expect(put(createS3BinaryContent(s3, bucket), attempt.signal)).rejects.toBe(over);
      expect(faulty.proxies.s3.seen).toHaveLength(1);
    });
  });
  test('of which every answer is lost has an unknown outcome', async () => {
    faulty.proxies.s3.inject({ operation: 'PUT', fault: { kind: 'lose-answer' } });
    await expect(put(content)).rejects.toEqual(unavailable);
    expect(await keys()).toEqual([keyOf()]);
  });
});

describe('get', () => {
  beforeEach(() => put(direct));
  test.each<[string, Fault]>([
    ['breaks off', { kind: 'cut', afterBytes: 5000 }],
    ['stops coming', { kind: 'stall', afterBytes: 5000 }],
    ['never begins', { kind: 'blackhole' }],
  ])('of bytes whose answer %s gives none of them', async (_what, fault) => {
    const impatient = createS3BinaryContent(faulty.connect(100).s3, bucket);
    faulty.proxies.s3.inject({ operation: 'GET', fault });
    await expect(impatient.get(demoTenant, keyOf())).rejects.toEqual(unavailable);
  });
  test('of bytes that come slowly gives all of them', async () => {
    faulty.proxies.s3.inject({ operation: 'GET', fault: { kind: 'drip', bytes: 4000, millis: 10 } });
    expect(Buffer.compare(await content.get(demoTenant, keyOf()), bytes)).toBe(0);
  });
});

describe('eraseAll', () => {
  beforeEach(() => put(direct));
  test.each([
    ['GET', 'lose-answer'],
    ['POST', 'lose-answer'],
    ['POST', 'reset'],
  ] as const)('erases everything though a %s meets with %s', async (operation, kind) => {
    faulty.proxies.s3.inject({ operation, fault: { kind }, times: 2 });
    await createS3BinaryEraser(faulty.connect().s3, bucket).eraseAll(demoTenant, binaryId);
    expect(await keys()).toEqual([]);
  });
  test('never says so when it could not look again', async () => {
    faulty.proxies.s3.inject({ operation: 'GET', skip: 1, fault: { kind: 'reset' } });
    const eraser = createS3BinaryEraser(faulty.connect().s3, bucket);
    await expect(eraser.eraseAll(demoTenant, binaryId)).rejects.toEqual(unavailable);
  });
});
