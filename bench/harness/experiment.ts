import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from '../../local/command-line.ts';
import type { Figure } from './figure.ts';

/** How an experiment was asked for. */
export interface ExperimentCall {
  /** A minute at most, for `.ci/run`: fewer rounds, less data. */
  readonly isQuick: boolean;
  /** The value of an option of the experiment. */
  readonly option: (name: string) => string;
}

/** A question that measurements answer; registered in `bench/experiments.ts`. */
export interface Experiment {
  /** What it asks, in a sentence. */
  readonly question: string;
  /** Its own options with their defaults, besides `--quick`; all of them texts. */
  readonly options?: Readonly<Record<string, { readonly type: 'string'; readonly default: string }>> &
    ParseArgsOptionsConfig;
  /** What its options mean, a line each. */
  readonly optionLines?: readonly string[];
  /** Measures. What it prints comes before the table of its figures. */
  run(call: ExperimentCall): Promise<readonly Figure[]>;
}

/**
 * An option that is a whole number.
 *
 * @throws UsageError when it is none, or less than 1
 */
export const readWholeOption = ({ option }: ExperimentCall, name: string, least: 0 | 1 = 1): number => {
  const value = Number(option(name));
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} has to be a whole number from ${least} on`);
  return value;
};
