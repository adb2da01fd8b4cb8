import type { RunResult } from './run-schedule.ts';

/** Sums over runs. */
export interface Tally {
  runs: number;
  calls: number;
  steps: number;
  crashes: number;
  readonly faults: Record<string, number>;
  readonly answers: Record<string, number>;
  readonly outcomes: Record<string, number>;
  /** Runs with imports, and their imports by what became of them. */
  importRuns: number;
  readonly imports: Record<string, number>;
}

/** Nothing yet. */
export const emptyTally = (): Tally => ({
  runs: 0,
  calls: 0,
  steps: 0,
  crashes: 0,
  faults: {},
  answers: {},
  outcomes: {},
  importRuns: 0,
  imports: {},
});

const addAll = (sums: Record<string, number>, more: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
};

/** Adds a run. */
export const addRun = (tally: Tally, { counts, outcomes, imports }: RunResult): void => {
  tally.runs += 1;
  tally.calls += counts.calls;
  tally.steps += counts.steps;
  tally.crashes += counts.crashes;
  addAll(tally.faults, counts.faults);
  addAll(tally.answers, counts.answers);
  addAll(tally.outcomes, outcomes);
  if (imports === undefined) return;
  tally.importRuns += 1;
  addAll(tally.imports, imports);
};

/** Adds what another process has summed up. */
export const addTally = (tally: Tally, other: Tally): void => {
  for (const name of ['runs', 'calls', 'steps', 'crashes', 'importRuns'] as const) tally[name] += other[name];
  for (const name of ['faults', 'answers', 'outcomes', 'imports'] as const) addAll(tally[name], other[name]);
};
