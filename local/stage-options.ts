import { UsageError } from './command-line.ts';

/** What `--stage` and `--region` were given. */
export interface StageWishes {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * Refuses a region without a stage: the running instance would be used in place of what was meant.
 *
 * @throws UsageError
 */
export const requireStageForRegion = ({ stage, region }: StageWishes): void => {
  if (region !== undefined && stage === undefined) throw new UsageError('--region goes with --stage');
};

/** ` --stage prod --region eu-north-1` as a command was given them, to stand in a command that it tells to type; empty for the running instance. */
export const stageArguments = ({ stage, region }: StageWishes): string =>
  stage === undefined ? '' : ` --stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
