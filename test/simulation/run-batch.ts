import fc from 'fast-check';
import { writeTape } from './decision-tape.ts';
import { runSchedule } from './run-schedule.ts';
import { addRun, emptyTally, type Tally } from './tally.ts';
import { tapes } from './tapes.ts';

/** What many schedules showed. */
export interface BatchResult {
  readonly tally: Tally;
  /** The shortest tape that was found for the first violation. */
  readonly failure?: { readonly tape: string; readonly violation: string; readonly shrinks: number };
}

/** Runs so many schedules; the same seed gives the same ones. Stops at the first violation and shrinks its tape. */
export const runBatch = async (runs: number, seed: number): Promise<BatchResult> => {
  const tally = emptyTally();
  let isShrinking = false;
  const property = fc.asyncProperty(tapes, async (tape) => {
    const result = await runSchedule(tape);
    if (!isShrinking) addRun(tally, result);
    if (result.violation === undefined) return;
    isShrinking = true;
    throw result.violation;
  });
  const { failed, counterexample, numShrinks, errorInstance } = await fc.check(property, { numRuns: runs, seed });
  if (!failed || counterexample === null) return { tally };
  const violation = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { tally, failure: { tape: writeTape(counterexample[0]), violation, shrinks: numShrinks } };
};
