import { beforeEach, expect, test } from 'vitest';
import { createWatchedQueue, type WatchedQueue } from '../../functions/dispatcher/watched-queue.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { demoTenant, sampleBinaryId } from '../support/sample-job.ts';

const hour = 3_600_000;
const refused = new Error('refused');
let clock: ManualClock;
let takes: boolean;
let takesFor: number;
let queue: WatchedQueue;
beforeEach(() => {
  clock = createManualClock();
  takes = true;
  takesFor = 0;
  const send = () => {
    clock.advance(takesFor);
    return takes ? Promise.resolve() : Promise.reject(refused);
  };
  queue = createWatchedQueue({ send }, clock, {
    failures: 3,
    swift: 1000,
    milliseconds: 5000,
    share: hour,
  });
});

const send = async (times: number) => {
  for (let n = 0; n < times; n += 1) await queue.send(demoTenant, sampleBinaryId()).catch(() => {});
  return queue.isGivenUp();
};

test('a queue that takes none of so many messages in a row is given up; one that it takes begins the count anew', async () => {
  takes = false;
  expect(await send(2)).toBe(false);
  takes = true;
  expect(await send(1)).toBe(false);
  takes = false;
  expect([await send(2), await send(1)]).toEqual([false, true]);
});

test('a queue that is slow is given up, whether it takes messages or not', async () => {
  takesFor = 3000;
  expect([await send(2), await send(1)]).toEqual([false, true]);
});

test('a queue that takes its messages swiftly is not given up before its share of the tick is over, however many they are', async () => {
  takesFor = 1000;
  expect([await send(3599), await send(1)]).toEqual([false, true]);
});

test("a queue's errors come through", async () => {
  takes = false;
  await expect(queue.send(demoTenant, sampleBinaryId())).rejects.toBe(refused);
});
