import { expect, test } from 'vitest';
import { describeReservation, type KeyedOrder } from '../../functions/jobs/reservation.ts';
import { demoUser, sampleBinaryId, sampleTime } from '../support/sample-job.ts';

const keyed: KeyedOrder = {
  userId: demoUser,
  idempotencyKey: 'key',
  operation: '$execute-patient-usage-stats',
  parameters: [
    { name: 'a', valueString: 'b' },
    { name: 'c', valueString: 'd' },
  ],
};
const describeWith = (own: Partial<KeyedOrder> = {}) =>
  describeReservation({ ...keyed, ...own }, { binaryId: sampleBinaryId(), jobId: 'job-1' }, sampleTime);

test('holds its ids, and neither the user nor the key as they are', () => {
  expect(describeWith()).toMatchObject({ binaryId: sampleBinaryId(), jobId: 'job-1', created: sampleTime });
  expect(JSON.stringify(describeWith({ idempotencyKey: 'planted-key' }))).not.toMatch(`planted-key|${demoUser}`);
});

test('lasts for 24 hours, to the next full second', () => {
  expect(new Date(describeWith().expires).toISOString()).toBe('2026-04-17T11:44:12.000Z');
});

test.each<Partial<KeyedOrder>>([
  { operation: '$schedule-patient-usage-stats' },
  { parameters: [] },
  { parameters: [...keyed.parameters].reverse() },
  { parameters: [{ name: 'a', valueString: 'B' }] },
  { parameters: [{ name: 'ab', valueString: '' }, keyed.parameters[1] ?? { name: '', valueString: '' }] },
])('another order is told from it by its digest and has the same key: %j', (own) => {
  expect(describeWith(own).digest).not.toBe(describeWith().digest);
  expect(describeWith(own).key).toBe(describeWith().key);
});

test('another user or another key has another key, however they are joined', () => {
  const keys = [
    describeWith(),
    describeWith({ userId: 'u', idempotencyKey: 'vw' }),
    describeWith({ userId: 'uv', idempotencyKey: 'w' }),
  ];
  expect(new Set(keys.map(({ key }) => key)).size).toBe(3);
});
