import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CommandError } from './command-line.ts';
import { findOtherRegion, readTenantRecords } from './tenant-records.ts';

/** Two tables of jobs, or two of imports. */
export interface TablePair {
  readonly dynamodb: DynamoDBClient;
  /** The table that is read, such as one that was restored. */
  readonly from: string;
  /** The table that lacks some of its items. */
  readonly to: string;
  /** The tenants table. What is of a tenant that it does not serve was erased on purpose, or is another region's by now. */
  readonly tenants: string;
}

/** What there was to copy. */
export interface CopyResult {
  /** Items in the table that is read. */
  readonly found: number;
  /** Those whose keys the other table had not, of tenants that are served. */
  readonly missing: number;
  /** How many more there are of each tenant that is not. They are not written. */
  readonly leftOut: ReadonlyMap<string, number>;
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

/** The tenant of an item, by the one key of the table that it is in. */
const tenantOf: Readonly<Record<string, (key: string) => string>> = {
  pk: (key) => key.split('#', 1).join(),
  tenant: (key) => key,
};

/** The name of the key that both have. */
const checkPair = async ({ dynamodb, from, to, tenants }: TablePair): Promise<string> => {
  const read = (table: string) => readKeyNames(dynamodb, table);
  const [names, others, ofTenants] = await Promise.all([read(from), read(to), read(tenants)]);
  const [key = ''] = names;
  if (names.join() !== others.join()) {
    throw new CommandError(
      `${from} has the key ${names.join(', ')}, ${to} has ${others.join(', ')}: not of the same kind.`,
    );
  }
  if (ofTenants.join() !== 'id') throw new CommandError(`${tenants} is no table of tenants.`);
  if (names.join() === 'id') {
    const region = ` --region ${await dynamodb.config.region()}`;
    throw new CommandError(
      `Tenants are brought back one by one, after the checks of a new one: npm run tenant -- export <file> --table ${from}${region}, then npm run tenant -- add <file> --only <tenant> --adopt --elsewhere --table ${to}${region}`,
    );
  }
  if (!Object.hasOwn(tenantOf, names.join())) throw new CommandError(`${to} is no table of jobs or of imports.`);
  return key;
};

const readServedTenants = async ({ dynamodb, tenants }: TablePair): Promise<ReadonlySet<string>> => {
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const [records, region] = await Promise.all([
    readTenantRecords({ documents, name: tenants }),
    dynamodb.config.region(),
  ]);
  return new Set(records.filter((record) => findOtherRegion(record, region) === undefined).map(({ id }) => String(id)));
};

const readPages = async function* (
  dynamodb: DynamoDBClient,
  TableName: string,
  attribute?: string,
): AsyncGenerator<readonly Item[]> {
  const projection = attribute && {
    ProjectionExpression: '#attribute',
    ExpressionAttributeNames: { '#attribute': attribute },
  };
  const request = { TableName, ConsistentRead: true, ...projection };
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, request)) yield Items;
};

const putIfMissing = async ({ dynamodb, to }: TablePair, name: string, item: Item): Promise<0 | 1> => {
  const condition = { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': name } };
  try {
    await dynamodb.send(new PutItemCommand({ TableName: to, Item: item, ...condition }));
    return 1;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 0;
    throw error;
  }
};

/** Which items are to be copied; of the others that are missing it is counted of which tenants they are. */
const createSelection = (key: string, there: ReadonlySet<string>, served: ReadonlySet<string>) => {
  const leftOut = new Map<string, number>();
  const isLacking = (item: Item): boolean => {
    const value = item[key]?.S ?? '';
    if (there.has(value)) return false;
    const tenant = tenantOf[key]?.(value) ?? '';
    if (served.has(tenant)) return true;
    leftOut.set(tenant, (leftOut.get(tenant) ?? 0) + 1);
    return false;
  };
  return { leftOut, isLacking };
};

/**
 * Copies the items that a table lacks from another one, attribute by attribute as they are; what it has is left alone, also what is written
 * while this runs, and so is what is of a tenant that is not served here: its data was erased on purpose. Reads all three tables whole (half a
 * read unit for each 4 kB), and keeps the keys of one in memory. One that broke off is run again.
 *
 * @param apply without it nothing is written
 * @throws CommandError when one of the tables is not there, or they are not of one kind, or are of tenants
 */
export const copyMissingItems = async (pair: TablePair, apply: boolean): Promise<CopyResult> => {
  const { dynamodb, from, to } = pair;
  const key = await checkPair(pair);
  const there = new Set<string>();
  for await (const items of readPages(dynamodb, to, key)) for (const item of items) there.add(item[key]?.S ?? '');
  const { leftOut, isLacking } = createSelection(key, there, await readServedTenants(pair));
  let [found, missing, copied] = [0, 0, 0];
  for await (const items of readPages(dynamodb, from)) {
    const lacking = items.filter(isLacking);
    found += items.length;
    missing += lacking.length;
    for (let at = 0; apply && at < lacking.length; at += atOnce) {
      const writes = lacking.slice(at, at + atOnce).map((item) => putIfMissing(pair, key, item));
      for (const one of await Promise.all(writes)) copied += one;
    }
  }
  return { found, missing, copied, leftOut };
};
