import { isDeepStrictEqual } from 'node:util';
import validations from 'dynalite/validations/index.js';

/** An item as the document client knows it. Never changed in place. */
export type Item = Readonly<Record<string, unknown>>;

/** Values of a request's placeholders: `:name` → value. */
export type Values = Readonly<Record<string, unknown>>;

/** The parts of a request that have expressions. */
export interface Expressions {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Values | undefined;
}

/** Whether an item meets a condition; `{}` stands for an item that is not there. */
export type Condition = (item: Item, values: Values) => boolean;

/** A request's expressions, ready to run with any values. Absent ones are always true, and change nothing. */
export interface CompiledExpressions {
  readonly condition: Condition;
  readonly keyCondition: Condition;
  readonly filter: Condition;
  readonly update: (item: Item, values: Values) => Item;
}

/** What DynamoDB answers with 400 ValidationException. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

type Path = readonly (string | number)[];
interface Node {
  readonly type?: string;
  readonly name?: string;
  readonly args: readonly Argument[];
}
type Argument = Path | Node;
interface Section {
  readonly type: 'set' | 'remove' | 'add' | 'delete';
  readonly path: Path;
  readonly val: Argument;
}
type Operand = (item: Item, values: Values) => unknown;

/** The parser takes values along with their types; these stand for them and are known again by being the same object. */
type Placeholders = ReadonlyMap<unknown, string>;

const standInFor = (value: unknown): object => {
  if (typeof value === 'string') return { S: 'x' };
  if (typeof value === 'number') return { N: '1' };
  if (typeof value === 'boolean') return { BOOL: value };
  return Array.isArray(value) ? { L: [] } : { M: {} };
};

const isPath = (argument: Argument): argument is Path => Array.isArray(argument);

const readPath = (item: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | undefined)?.[step], item);

const sizeOf = (value: unknown): number | undefined => {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
};

const isOrdered = (one: unknown, other: unknown): boolean =>
  typeof one === typeof other && (typeof one === 'string' || typeof one === 'number');

const comparisons: Readonly<Record<string, (one: unknown, other: unknown, third?: unknown) => boolean>> = {
  '=': (one, other) => one !== undefined && isDeepStrictEqual(one, other),
  '<>': (one, other) => !isDeepStrictEqual(one, other),
  '<': (one, other) => isOrdered(one, other) && (one as string) < (other as string),
  '<=': (one, other) => isOrdered(one, other) && (one as string) <= (other as string),
  '>': (one, other) => isOrdered(one, other) && (one as string) > (other as string),
  '>=': (one, other) => isOrdered(one, other) && (one as string) >= (other as string),
  between: (one, low, high) =>
    isOrdered(one, low) && (one as string) >= (low as string) && (one as string) <= (high as string),
  attribute_exists: (one) => one !== undefined,
  attribute_not_exists: (one) => one === undefined,
  begins_with: (one, other) => typeof one === 'string' && one.startsWith(String(other)),
  contains: (one, other) =>
    typeof one === 'string' ? one.includes(String(other)) : Array.isArray(one) && one.includes(other),
};

const compileOperand = (argument: Argument, placeholders: Placeholders): Operand => {
  const placeholder = placeholders.get(argument);
  if (placeholder !== undefined) return (_item, values) => values[placeholder];
  if (isPath(argument)) return (item) => readPath(item, argument);
  const operands = argument.args.map((inner) => compileOperand(inner, placeholders));
  const [first, second] = operands;
  if (first === undefined) throw new TypeError('an expression without operands');
  if (argument.name === 'size') return (item, values) => sizeOf(first(item, values));
  if (second === undefined) throw new TypeError(`not simulated: ${argument.name ?? argument.type}`);
  if (argument.name === 'if_not_exists') return (item, values) => first(item, values) ?? second(item, values);
  if (argument.name === 'list_append') {
    return (item, values) => [...(first(item, values) as unknown[]), ...(second(item, values) as unknown[])];
  }
  const sign = argument.type === 'subtract' ? -1 : 1;
  return (item, values) => {
    const [one, other] = [first(item, values), second(item, values)];
    if (typeof one !== 'number' || typeof other !== 'number') throw new InvalidRequest('an operand is not a number');
    return one + sign * other;
  };
};

const compileCondition = (node: Node, placeholders: Placeholders): Condition => {
  if (node.type === 'and' || node.type === 'or' || node.type === 'not') {
    const inner = node.args.map((argument) => compileCondition(argument as Node, placeholders));
    if (node.type === 'not') return (item, values) => !inner[0]?.(item, values);
    if (node.type === 'and') return (item, values) => inner.every((condition) => condition(item, values));
    return (item, values) => inner.some((condition) => condition(item, values));
  }
  const operands = node.args.map((argument) => compileOperand(argument, placeholders));
  const compare = comparisons[node.type === 'function' ? (node.name ?? '') : (node.type ?? '')];
  if (compare === undefined) throw new TypeError(`not simulated: ${node.type} ${node.name}`);
  const [first, second, third] = operands;
  return (item, values) => compare(first?.(item, values), second?.(item, values), third?.(item, values));
};

const write = (target: unknown, [step, ...rest]: Path, value: unknown): unknown => {
  if (target === undefined || step === undefined) throw new InvalidRequest('the document path is invalid for update');
  const copy = { ...(target as Record<string | number, unknown>) };
  if (rest.length > 0) copy[step] = write(copy[step], rest, value);
  else if (value === undefined) delete copy[step];
  else copy[step] = value;
  return copy;
};

const compileUpdate = (sections: readonly Section[], placeholders: Placeholders) => {
  const changes = sections.map(({ type, path, val }) => {
    if (type === 'remove') return { path, value: () => undefined };
    const operand = compileOperand(val, placeholders);
    if (type === 'set') return { path, value: operand };
    if (type !== 'add') throw new TypeError(`not simulated: ${type}`);
    const sum = (item: Item, values: Values) => Number(readPath(item, path) ?? 0) + Number(operand(item, values));
    return { path, value: sum };
  });
  return (item: Item, values: Values): Item => {
    const computed = changes.map(({ path, value }) => ({ path, value: value(item, values) }));
    return computed.reduce<unknown>((at, { path, value }) => write(at, path, value), item) as Item;
  };
};

const compile = (request: Expressions): CompiledExpressions => {
  const { ExpressionAttributeNames, ExpressionAttributeValues } = request;
  const standIns = Object.entries(ExpressionAttributeValues ?? {}).map(([name, value]) => [name, standInFor(value)]);
  const parsed: Record<string, unknown> = {
    ...request,
    ...(ExpressionAttributeNames && { ExpressionAttributeNames: { ...ExpressionAttributeNames } }),
    ...(ExpressionAttributeValues && { ExpressionAttributeValues: Object.fromEntries(standIns) as object }),
  };
  const problem = validations.validateExpressions(parsed);
  if (typeof problem === 'string') throw new InvalidRequest(problem);
  const placeholders: Placeholders = new Map(standIns.map(([name, standIn]) => [standIn, name as string]));
  const condition = (name: string): Condition => {
    const found = parsed[name] as { readonly expression: Node } | undefined;
    return found === undefined ? () => true : compileCondition(found.expression, placeholders);
  };
  const updates = parsed['_updates'] as { readonly sections: readonly Section[] } | undefined;
  return {
    condition: condition('_condition'),
    keyCondition: condition('_keyCondition'),
    filter: condition('_filter'),
    update: updates === undefined ? (item) => item : compileUpdate(updates.sections, placeholders),
  };
};

const compiled = new Map<string, CompiledExpressions>();

const signatureOf = (request: Expressions): string => {
  let signature = `${request.ConditionExpression}|${request.UpdateExpression}|${request.KeyConditionExpression}|${request.FilterExpression}`;
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = request;
  for (const name in names) signature += `|${name}=${names[name]}`;
  for (const name in values) signature += `|${name}=${typeof values[name]}`;
  return signature;
};

/**
 * The expressions of a request, parsed by dynalite's grammars of DynamoDB's expressions (reserved words, unused and missing
 * placeholders included) and compiled; each text once.
 *
 * @throws InvalidRequest for what DynamoDB refuses; TypeError for what is not simulated
 */
export const compileExpressions = (request: Expressions): CompiledExpressions => {
  const signature = signatureOf(request);
  const known = compiled.get(signature);
  if (known !== undefined) return known;
  const made = compile(request);
  compiled.set(signature, made);
  return made;
};
