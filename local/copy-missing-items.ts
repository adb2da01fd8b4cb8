import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { CommandError } from './command-line.ts';

/** Two tables of the same keys. */
export interface TablePair {
  readonly dynamodb: DynamoDBClient;
  /** The table that is read, such as one that was restored. */
  readonly from: string;
  /** The table that lacks some of its items. */
  readonly to: string;
}

/** What there was to copy. */
export interface CopyResult {
  /** Items in the table that is read. */
  readonly found: number;
  /** Those whose keys the other table had not. */
  readonly missing: number;
  /** Those that were written. The others were written by somebody else in between, and left as they are. */
  readonly copied: number;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** Writes at the same time: DynamoDB takes no conditions in batches. */
const atOnce = 25;

const readKeyNames = async (dynamodb: DynamoDBClient, TableName: string): Promise<readonly string[]> => {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName })).catch((error: unknown) => {
    throw error instanceof ResourceNotFoundException ? new CommandError(`There is no table ${TableName}.`) : error;
  });
  return (Table?.KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName).sort();
};

const checkPair = async ({ dynamodb, from, to }: TablePair): Promise<readonly string[]> => {
  const [names, others] = await Promise.all([readKeyNames(dynamodb, from), readKeyNames(dynamodb, to)]);
  if (names.join() === others.join()) return names;
  throw new CommandError(
    `${from} has the key ${names.join(', ')}, ${to} has ${others.join(', ')}: not of the same kind.`,
  );
};

const readPages = async function* (
  dynamodb: DynamoDBClient,
  TableName: string,
  attributes?: readonly string[],
): AsyncGenerator<readonly Item[]> {
  const names = attributes?.map((name, index) => [`#${index}`, name] as const);
  const projection = names && {
    ProjectionExpression: names.map(([placeholder]) => placeholder).join(),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
  const request = { TableName, ConsistentRead: true, ...projection };
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, request)) yield Items;
};

const putIfMissing = async ({ dynamodb, to }: TablePair, keyNames: readonly string[], item: Item): Promise<0 | 1> => {
  const [name = ''] = keyNames;
  const condition = { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': name } };
  try {
    await dynamodb.send(new PutItemCommand({ TableName: to, Item: item, ...condition }));
    return 1;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 0;
    throw error;
  }
};

/**
 * Copies the items that a table lacks from another one, attribute by attribute as they are; what it has is left alone, also what is written
 * while this runs. Reads both tables whole (half a read unit for each 4 kB of each), and keeps the keys of one in memory. One that broke off is run again.
 *
 * @param apply without it nothing is written
 * @throws CommandError when one of the tables is not there, or their keys differ
 */
export const copyMissingItems = async (pair: TablePair, apply: boolean): Promise<CopyResult> => {
  const { dynamodb, from, to } = pair;
  const keyNames = await checkPair(pair);
  const keyOf = (item: Item): string => JSON.stringify(keyNames.map((name) => item[name]));
  const there = new Set<string>();
  for await (const items of readPages(dynamodb, to, keyNames)) for (const item of items) there.add(keyOf(item));
  let [found, missing, copied] = [0, 0, 0];
  for await (const items of readPages(dynamodb, from)) {
    const lacking = items.filter((item) => !there.has(keyOf(item)));
    found += items.length;
    missing += lacking.length;
    for (let at = 0; apply && at < lacking.length; at += atOnce) {
      const writes = lacking.slice(at, at + atOnce).map((item) => putIfMissing(pair, keyNames, item));
      for (const one of await Promise.all(writes)) copied += one;
    }
  }
  return { found, missing, copied };
};
