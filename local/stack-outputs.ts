import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CommandError } from './command-line.ts';

/** A deployed stage, by the name that it was deployed under and the region that it is in. */
export interface Stage {
  readonly stage: string;
  /** That of the AWS SDK's own settings, if it is left out. */
  readonly region?: string | undefined;
}

/** The name that `serverless deploy` gives a stage's stack. */
const nameStack = (stage: string): string => `serverless-reporting-${stage}`;

/**
 * One output of a stage's stack, such as `TenantsTableName`.
 *
 * @throws CommandError when the stack or the output is not there, or may not be described
 */
export const readStackOutput = async ({ stage, region }: Stage, output: string): Promise<string> => {
  const name = nameStack(stage);
  const client = new CloudFormationClient(region === undefined ? {} : { region });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const found = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
    if (found !== undefined) return found;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The stack ${name} could not be described: ${what}`);
  } finally {
    client.destroy();
  }
  throw new CommandError(`The stack ${name} has no output ${output}. Was it deployed by an older version?`);
};
