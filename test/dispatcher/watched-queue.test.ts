import { expect, test } from 'vitest';
import { createWatchedQueue } from '../../functions/dispatcher/watched-queue.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

test('a queue is down once it has taken none of so many messages in a row, and passes every error on', async () => {
  const refused = new Error('refused');
  let takes = false;
  const watched = createWatchedQueue({ send: () => (takes ? Promise.resolve() : Promise.reject(refused)) }, 3);
  const send = () => watched.send(demoTenant, sampleBinaryId()).catch((error: unknown) => error);
  expect([await send(), await send(), watched.isDown()]).toEqual([refused, refused, false]);
  takes = true;
  expect(await send()).toBeUndefined();
  takes = false;
  expect([await send(), await send(), watched.isDown()]).toEqual([refused, refused, false]);
  expect([await send(), watched.isDown()]).toEqual([refused, true]);
});
