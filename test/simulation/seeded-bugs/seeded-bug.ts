import { UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Variant } from '../variant.ts';
import type { Invariant } from '../violation.ts';

/** A fault of protocol that somebody could have made, and that the simulation has to find. */
export interface SeededBug {
  /** For tests and the table in docs/simulation.md. */
  readonly name: string;
  /** The invariants at which it may show first. */
  readonly breaks: readonly Invariant[];
  readonly variant: Variant;
  /** It can only show in runs with imports. */
  readonly needsImports?: boolean;
  /** It shows in runs with one of these first decisions, which are of one theme, and in others hardly ever. */
  readonly firsts?: readonly number[];
}

/** The given input without the values and names that its expressions no longer use: DynamoDB refuses those. */
const withoutUnused = (input: UpdateCommandInput): UpdateCommandInput => {
  const text = `${input.UpdateExpression} ${input.ConditionExpression ?? ''}`;
  const isUsed = (name: string) => new RegExp(`${name}\\b`).test(text);
  const keep = <Value>(all: Record<string, Value> = {}): Record<string, Value> | undefined => {
    const kept = Object.entries(all).filter(([name]) => isUsed(name));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  };
  return {
    ...input,
    ExpressionAttributeNames: keep(input.ExpressionAttributeNames),
    ExpressionAttributeValues: keep(input.ExpressionAttributeValues),
  };
};

/** Changes the expressions of the updates that `isMeant` picks. */
export const changeUpdates =
  (
    isMeant: (input: UpdateCommandInput) => boolean,
    change: (input: UpdateCommandInput) => Partial<UpdateCommandInput>,
  ): NonNullable<Variant['command']> =>
  (command) => {
    if (!(command instanceof UpdateCommand) || !isMeant(command.input)) return command;
    return new UpdateCommand(withoutUnused({ ...command.input, ...change(command.input) }));
  };

/** Whether an update gives a job this status. */
export const setsStatus =
  (status: string) =>
  ({ UpdateExpression = '', ExpressionAttributeValues = {} }: UpdateCommandInput): boolean => {
    const name = /#status = (:\w+)/.exec(UpdateExpression)?.[1];
    return name !== undefined && ExpressionAttributeValues[name] === status;
  };
