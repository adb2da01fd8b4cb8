import fc from 'fast-check';
import { writeTape } from './decision-tape.ts';
import { runSchedule } from './run-schedule.ts';
import { shrinkTape } from './shrink-tape.ts';
import { addRun, emptyTally, type Tally } from './tally.ts';
import { tapes, tapesWithImports } from './tapes.ts';
import type { Variant } from './variant.ts';

/** What many schedules showed. */
export interface BatchResult {
  readonly tally: Tally;
  /** The shortest tape that was found for the first violation, and how many were tried for it. */
  readonly failure?: { readonly tape: string; readonly violation: string; readonly shrinks: number };
}

/** Runs so many schedules; the same seed gives the same ones. Stops at the first violation and shrinks its tape. */
export const runBatch = async (
  runs: number,
  seed: number,
  variant: Variant = {},
  isOfImports = false,
): Promise<BatchResult> => {
  const tally = emptyTally();
  const property = fc.asyncProperty(isOfImports ? tapesWithImports : tapes, async (tape) => {
    const result = await runSchedule(tape, { variant });
    addRun(tally, result);
    if (result.violation !== undefined) throw result.violation;
  });
  const { failed, counterexample } = await fc.check(property, { numRuns: runs, seed, endOnFailure: true });
  if (!failed || counterexample === null) return { tally };
  const [found] = counterexample;
  const violationOf = async (tape: readonly number[]) => (await runSchedule(tape, { variant })).violation;
  const first = await violationOf(found);
  const shrunk = await shrinkTape(found, async (tape) => (await violationOf(tape))?.invariant === first?.invariant);
  const violation = (await violationOf(shrunk.tape))?.message ?? 'the run is not the same twice';
  return { tally, failure: { tape: writeTape(shrunk.tape), violation, shrinks: shrunk.tried } };
};
