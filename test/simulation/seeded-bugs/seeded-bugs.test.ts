import { describe, expect, test } from 'vitest';
import { takeLeaks } from '../../support/leak-watch.ts';
import { findSeededBug } from '../find-seeded-bug.ts';
import { seededBugs } from './all-seeded-bugs.ts';

/**
 * With these seeds a bug is found by the first few schedules, so that the test is fast. A change to how runs are drawn shuffles them all:
 * the test goes on looking then, and `npm run simulate -- --seeded` tells how often each is found.
 */
const seeds: Readonly<Record<string, number>> = {
  'the message before the record': 2,
  'an order taken back after an error of the table': 5,
  'an order does not know its own record again': 5,
  'an idempotency key reserved without a condition': 2,
  "a Binary looked up under any tenant's key": 29,
  'DELETE leaves the job to its worker': 6,
  'one content key for all attempts': 4,
  'the bytes of the report cleaned up after an error of the table': 49,
  "completion without the lease's token": 3,
  'completion without any condition': 3,
  'a completion that is not known again fails the job': 3,
  'FAILED when the outcome of the completion is unknown': 32,
  'a claim takes a living lease': 4,
  'attempts without a bound': 7,
  'files of a data set not pinned': 10,
  'a cut-off that is to come is not looked at': 60,
  'no sweep after a deletion': 14,
  'an upload that outlives its attempt': 10,
  "a fingerprint without the files' ETags": 2,
  'a damaged summary is believed': 2,
  'a manifest made current whatever is there': 16,
  'an import that knows no deadline': 26,
  'an import begun without a condition': 11,
  'a file read anew taken for the part that was asked for': 20,
};

/** A bug that takes more than this is as good as not found. */
const mostRuns = 400;

describe('the simulation finds what somebody could have got wrong', () => {
  test('there are thirty seeded bugs and more, each with a name of its own', () => {
    expect(new Set(seededBugs.map(({ name }) => name)).size).toBe(seededBugs.length);
    expect(seededBugs.length).toBeGreaterThanOrEqual(30);
  });
  test.each(seededBugs.map((bug) => [bug.name, bug] as const))('%s', async (name, bug) => {
    const { violations } = await findSeededBug(bug, mostRuns, seeds[name] ?? 1, true);
    // What comes out is found by the watch over the whole test run as well: here it is meant to.
    if (bug.breaks.includes('I9')) takeLeaks();
    expect(bug.breaks).toContain(violations[0]?.invariant);
  });
});
