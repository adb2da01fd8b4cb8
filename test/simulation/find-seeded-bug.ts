import fc from 'fast-check';
import { runSchedule } from './run-schedule.ts';
import type { SeededBug } from './seeded-bugs/seeded-bug.ts';
import { tapes, tapesWithImports } from './tapes.ts';
import type { Violation } from './violation.ts';

/** What the runs over a service with a seeded bug showed. */
export interface Hunt {
  readonly runs: number;
  /** The first violation of each run that had one. */
  readonly violations: readonly Violation[];
}

/** Tapes that are drawn at once. */
const portion = 5;

const tapesOf = ({ needsImports, firsts }: SeededBug) => {
  if (firsts === undefined) return needsImports === true ? tapesWithImports : tapes;
  return fc.tuple(fc.constantFrom(...firsts), tapes).map(([first, [, ...rest]]) => [first, ...rest]);
};

/** Runs so many schedules over a service with a seeded bug, or fewer where the first find is enough. The same seed gives the same ones. */
export const findSeededBug = async (bug: SeededBug, runs: number, seed: number, isOneEnough = false): Promise<Hunt> => {
  const violations: Violation[] = [];
  let done = 0;
  for (let at = 0; done < runs; at += 1) {
    const numRuns = Math.min(portion, runs - done);
    for (const tape of fc.sample(tapesOf(bug), { numRuns, seed: seed + at * 1000 })) {
      const { violation } = await runSchedule(tape, { variant: bug.variant });
      done += 1;
      if (violation !== undefined) violations.push(violation);
      if (violation !== undefined && isOneEnough) return { runs: done, violations };
    }
  }
  return { runs: done, violations };
};
