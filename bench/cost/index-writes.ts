import { isDeepStrictEqual } from 'node:util';

/** A value as DynamoDB's own JSON has it, such as `{"S":"text"}`. */
type AttributeValue = Readonly<Record<string, unknown>>;

/** An item as DynamoDB's own JSON has it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** As much of a table's definition as says what its indexes hold. */
export interface TableIndexes {
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly KeySchema: readonly { readonly AttributeName: string }[];
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  }[];
}

type Index = NonNullable<TableIndexes['GlobalSecondaryIndexes']>[number];

const sizeOfValue = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return 3 + value.reduce((sum, one) => sum + 1 + sizeOfValue(one), 0);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, inner]) => sum + sizeOfMember(name, inner), 0);
};

/** Type letters weigh nothing, names of attributes and of members in maps do. */
const sizeOfMember = (name: string, value: unknown): number => {
  if (name === 'N') return Math.ceil(String(value).length / 2) + 1;
  if (['S', 'B', 'L', 'SS', 'NS', 'BOOL', 'NULL'].includes(name)) return sizeOfValue(value);
  if (name === 'M') return 3 + sizeOfValue(value);
  return Buffer.byteLength(name) + sizeOfValue(value);
};

/** Bytes of an item by DynamoDB's rule: names and values as UTF-8, numbers two digits a byte, 3 bytes more for a list or map. */
export const sizeOfItem = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);

const namesOf = (keys: readonly { readonly AttributeName: string }[]): string[] =>
  keys.map(({ AttributeName }) => AttributeName);

/** What an index holds of an item; undefined where the item lacks a key of the index. */
const project = (item: Item | undefined, { KeySchema, Projection }: Index, table: TableIndexes): Item | undefined => {
  const keys = namesOf(KeySchema);
  if (item === undefined || keys.some((name) => item[name] === undefined)) return undefined;
  if (Projection.ProjectionType === 'ALL') return item;
  const held = new Set([...keys, ...namesOf(table.KeySchema), ...(Projection.NonKeyAttributes ?? [])]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => held.has(name)));
};

const unitsOf = (item: Item): number => Math.max(1, Math.ceil(sizeOfItem(item) / 1024));

const unitsOfIndex = (before: Item | undefined, after: Item | undefined, { KeySchema }: Index): number => {
  if (before === undefined) return after === undefined ? 0 : unitsOf(after);
  if (after === undefined) return unitsOf(before);
  if (isDeepStrictEqual(before, after)) return 0;
  const isMoved = namesOf(KeySchema).some((name) => !isDeepStrictEqual(before[name], after[name]));
  return isMoved ? unitsOf(before) + unitsOf(after) : Math.max(unitsOf(before), unitsOf(after));
};

/**
 * Write request units of one write, indexes included, as DynamoDB counts them (developer guide, "Capacity unit consumption" and "Global
 * secondary indexes: write capacity"): one for each kilobyte begun of the larger of both items, and for each index that the item is in:
 * one write where what it holds has changed, two where its key in the index has.
 */
export const countWriteUnits = (before: Item | undefined, after: Item | undefined, table: TableIndexes): number => {
  const own = Math.max(before === undefined ? 1 : unitsOf(before), after === undefined ? 1 : unitsOf(after));
  return (table.GlobalSecondaryIndexes ?? []).reduce(
    (sum, index) => sum + unitsOfIndex(project(before, index, table), project(after, index, table), index),
    own,
  );
};

/** Bytes that an item takes in a table and its indexes, with the 100 that DynamoDB adds for each. */
export const countStoredBytes = (item: Item, table: TableIndexes): number =>
  (table.GlobalSecondaryIndexes ?? []).reduce((sum, index) => {
    const held = project(item, index, table);
    return held === undefined ? sum : sum + sizeOfItem(held) + 100;
  }, sizeOfItem(item) + 100);
