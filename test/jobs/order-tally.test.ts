import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countRecent, type OrderTally, recentFrom, recount, windowOf } from '../../functions/jobs/order-tally.ts';
import { sampleTime } from '../support/sample-job.ts';

const tallyOf = (own: Partial<OrderTally> = {}): OrderTally => ({
  taken: 0,
  writer: 'before',
  windows: new Map(),
  ...own,
});

describe('H66: what is not left to the index', () => {
  test('is of the last five to ten seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (now) => {
        expect(now - recentFrom(now)).toBeGreaterThanOrEqual(5000);
        expect(now - recentFrom(now)).toBeLessThan(10_000);
      }),
    );
  });
  test('an order is either counted as recent, or created before what is recent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), fc.integer({ min: 0, max: 60_000 }), (created, age) => {
        const tally = tallyOf({ windows: new Map([[windowOf(created), 1]]) });
        const now = created + age;
        expect(countRecent(tally, now) === 1).toBe(created >= recentFrom(now));
      }),
    );
  });
  test('orders by a clock that is a window ahead are recent, by one that is hours ahead they are not', () => {
    const taken = (ahead: number) => tallyOf({ windows: new Map([[windowOf(sampleTime + ahead), 3]]) });
    expect([taken(5000), taken(3_600_000)].map((tally) => countRecent(tally, sampleTime))).toEqual([3, 0]);
  });
});

test('H66: a recount takes what is open and recent, and the order that it is made for; older windows are forgotten', () => {
  const window = windowOf(sampleTime);
  const windows = new Map([
    [window - 7, 50],
    [window - 1, 4],
    [window, 2],
  ]);
  expect(recount(tallyOf({ taken: 90, windows }), 10, { now: sampleTime, writer: 'this' })).toEqual({
    taken: 17,
    writer: 'this',
    windows: new Map([
      [window - 1, 4],
      [window, 3],
    ]),
  });
});
