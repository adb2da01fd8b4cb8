import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endBy, nextLook, retryAt, retryUncountedAt } from '../../functions/jobs/pauses.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { sampleBinaryId, sampleTime } from '../support/sample-job.ts';

const minute = 60_000;
const rules = { requeueAfter: minute, deadlineMargin: 90_000, retryAfter: 15_000 };
const binaryId = sampleBinaryId();
const farOff = sampleTime + 24 * 60 * minute;

/** The longest pauses that a hundred jobs make of one occasion, and the shortest. */
const spreadOf = (pauseOf: (binaryId: string) => number): readonly [number, number] => {
  const pauses = Array.from({ length: 100 }, (_, n) => pauseOf(sampleBinaryId(n.toString(16))) - sampleTime);
  return [Math.min(...pauses), Math.max(...pauses)];
};
/** Between half of it and all of it, and most of that is used. */
const expectSpread = ([shortest, longest]: readonly [number, number], pause: number) => {
  expect(shortest).toBeGreaterThanOrEqual(pause / 2);
  expect(shortest).toBeLessThan(pause * 0.55);
  expect(longest).toBeGreaterThan(pause * 0.95);
  expect(longest).toBeLessThanOrEqual(pause);
};

describe('nextLook', () => {
  test('comes first after exactly its time: orders come apart already', () => {
    expect(spreadOf((id) => nextLook({ binaryId: id, deadline: farOff, redrives: 0 }, sampleTime, rules))).toEqual([
      minute,
      minute,
    ]);
  });
  test('waits twice as long after each redrive, ten minutes at most, and half of it at least (A36)', () => {
    for (const [redrives, minutes] of [2, 4, 8, 10, 10].entries()) {
      const look = (id: string) =>
        nextLook({ binaryId: id, deadline: farOff, redrives: redrives + 1 }, sampleTime, rules);
      expectSpread(spreadOf(look), minutes * minute);
    }
    expect(nextLook({ binaryId, deadline: farOff, redrives: 4000 }, sampleTime, rules)).toBeLessThan(farOff);
  });
  test("is never later than the job's end", () => {
    const deadline = sampleTime + 2 * minute;
    expect(nextLook({ binaryId, deadline, redrives: 5 }, sampleTime, rules)).toBe(deadline - 90_000);
  });
});

describe.each([
  ['retryAt', (count: number) => ({ attempts: count, redrives: 0 }), retryAt],
  ['retryUncountedAt', (count: number) => ({ attempts: 1, redrives: count - 1 }), retryUncountedAt],
] as const)('%s', (_name, counted, pauseOf) => {
  const waits = (left: number, count: number) =>
    spreadOf((id) =>
      pauseOf({ binaryId: id, deadline: sampleTime + left + 90_000, ...counted(count) }, sampleTime, rules),
    );
  test.each([
    [1, 15_000],
    [2, 30_000],
    [3, 60_000],
    [20, 600_000],
  ])('waits twice as long each time, ten minutes at most, and half of it at least (A36): %i', (count, pause) => {
    expectSpread(waits(60 * minute, count), pause);
  });
  test.each([
    [2, 1, 15],
    [2, 3, 15],
    [24, 1, 30],
    [24, 20, 30],
  ])('has patience where hours are left: of %i hours an eighth, half an hour at most', (hours, count, minutes) => {
    expectSpread(waits(hours * 60 * minute, count), minutes * minute);
  });
  test("is never later than the job's end", () => {
    expect(waits(5000, 1)).toEqual([5000, 5000]);
  });
});

test('A36: every pause is in the future and within the time of the job, and the same job gets the same one again', () => {
  const arbitraryJob = fc.record({
    binaryId: fc.integer({ min: 0, max: 0xffffff }).map((n) => sampleBinaryId(n.toString(16))),
    deadline: fc.integer({ min: 1, max: 48 * 60 * minute }).map((left) => sampleTime + left + rules.deadlineMargin),
    attempts: fc.integer({ min: 1, max: 20 }),
    redrives: fc.integer({ min: 0, max: 2000 }),
  });
  fc.assert(
    fc.property(arbitraryJob, fc.constantFrom(nextLook, retryAt, retryUncountedAt), (job, pauseOf) => {
      const at = pauseOf(job, sampleTime, rules);
      expect(at).toBeGreaterThan(sampleTime);
      expect(at).toBeLessThanOrEqual(endBy(job, rules));
      expect(Number.isInteger(at)).toBe(true);
      expect(pauseOf({ ...job }, sampleTime, rules)).toBe(at);
    }),
  );
});

test('A49: ten thousand jobs that an outage has brought to one moment come back evenly over half of their pause', () => {
  const jobs = Array.from({ length: 10_000 }, () => randomIds.sortableUuid(sampleTime));
  const bySecond = new Map<number, number>();
  for (const id of jobs) {
    const at = nextLook({ binaryId: id, deadline: farOff, redrives: 3 }, sampleTime, rules);
    const second = Math.floor((at - sampleTime) / 10_000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  // Four minutes to eight, in parts of ten seconds: 24 of them with 417 jobs each, give or take five standard deviations.
  expect(Math.min(...bySecond.keys())).toBe(24);
  expect(Math.max(...bySecond.keys())).toBe(47);
  expect(bySecond.size).toBe(24);
  for (const count of bySecond.values()) {
    expect(count).toBeGreaterThan(317);
    expect(count).toBeLessThan(517);
  }
});
