import { compileExpressions, type Expressions, InvalidRequest, type Item } from './compile-expression.ts';

/** A table's keys and indexes, as `infra/` has them. */
export interface TableSchema {
  /** The hash key. */
  readonly key: string;
  readonly indexes: readonly IndexSchema[];
}

/** A global secondary index. */
export interface IndexSchema {
  readonly name: string;
  readonly hash: string;
  readonly range: string | undefined;
  /** Attributes that it holds beside the keys; undefined for all. */
  readonly projected: readonly string[] | undefined;
}

/** The condition of a write was not met. */
export class ConditionNotMet extends Error {
  override readonly name = 'ConditionNotMet';
  /** The item that is there. */
  readonly item: Item | undefined;
  constructor(item: Item | undefined) {
    super('the condition is not met');
    this.item = item;
  }
}

/** A query as the document client sends it. */
export interface QueryRequest extends Expressions {
  readonly IndexName?: string | undefined;
  readonly ScanIndexForward?: boolean | undefined;
  readonly Limit?: number | undefined;
  readonly ExclusiveStartKey?: Item | undefined;
}

/** What surrounds a table: time, and how late its indexes and its eventually consistent reads are. In milliseconds. */
export interface TableSurroundings {
  now(): number;
  /** Drawn for each write: until its indexes, and readers that do not ask for consistency, see it. */
  lag(): number;
  /** Called after each write that was applied. */
  written(before: Item | undefined, after: Item | undefined): void;
}

/** A DynamoDB table in memory, whose items have a hash key. Methods are atomic, as single requests are. */
export interface InMemoryTable {
  /** The name of the hash key. */
  readonly key: string;
  get(pk: string, isConsistent: boolean): Item | undefined;
  /** @throws ConditionNotMet, InvalidRequest */
  put(item: Item, request: Expressions): void;
  /** Returns the new item. @throws ConditionNotMet, InvalidRequest */
  update(pk: string, request: Expressions): Item;
  /** @throws ConditionNotMet, InvalidRequest */
  delete(pk: string, request: Expressions): void;
  /** @throws InvalidRequest */
  query(request: QueryRequest): { readonly items: readonly Item[]; readonly last: Item | undefined };
  /** Whether an index does not show yet what the table holds. */
  isLagging(): boolean;
  /** Every item as it is now. */
  readonly items: ReadonlyMap<string, Item>;
}

interface LateEntry {
  readonly at: number;
  readonly pk: string;
  readonly item: Item | undefined;
}

/** A copy of the table's items, or of a part of them, that follows the table with a delay. */
const createFollower = (now: () => number) => {
  const visible = new Map<string, Item>();
  const late: LateEntry[] = [];
  const show = ({ pk, item }: LateEntry) => (item === undefined ? visible.delete(pk) : visible.set(pk, item));
  const catchUp = (): void => {
    while (late[0] !== undefined && late[0].at <= now()) {
      const entry = late.shift();
      if (entry !== undefined) show(entry);
    }
  };
  return {
    /** Later entries of an item never overtake earlier ones. */
    follow(pk: string, item: Item | undefined, lag: number): void {
      catchUp();
      const at = late.reduce((least, entry) => (entry.pk === pk ? Math.max(least, entry.at) : least), now() + lag);
      if (at <= now()) show({ at, pk, item });
      else late.splice(late.findLastIndex((entry) => entry.at <= at) + 1, 0, { at, pk, item });
    },
    items(): ReadonlyMap<string, Item> {
      catchUp();
      return visible;
    },
    isLate(): boolean {
      catchUp();
      return late.length > 0;
    },
  };
};

const project = (item: Item | undefined, { hash, range, projected }: IndexSchema, key: string): Item | undefined => {
  if (item === undefined || item[hash] === undefined || (range !== undefined && item[range] === undefined)) return;
  if (projected === undefined) return item;
  const kept: Record<string, unknown> = {};
  for (const name of [key, hash, range ?? hash, ...projected]) if (item[name] !== undefined) kept[name] = item[name];
  return kept;
};

const compareItems = (one: Item, other: Item, range: string | undefined, key: string): number => {
  const [a, b] =
    range === undefined || one[range] === other[range] ? [one[key], other[key]] : [one[range], other[range]];
  if (a === b) return 0;
  return (a as string) < (b as string) ? -1 : 1;
};

/** An empty table. */
export const createInMemoryTable = (schema: TableSchema, surroundings: TableSurroundings): InMemoryTable => {
  const { now, lag, written } = surroundings;
  const { key } = schema;
  const items = new Map<string, Item>();
  const replica = createFollower(now);
  const indexes = schema.indexes.map((index) => ({ index, entries: createFollower(now) }));

  const checkKeys = (item: Item): void => {
    for (const { hash, range } of schema.indexes) {
      for (const name of [hash, range]) {
        const value = name === undefined ? undefined : item[name];
        if (value === undefined || (typeof value === 'string' && value !== '')) continue;
        throw new InvalidRequest(`the index key ${name} is not a text`);
      }
    }
  };

  const write = (pk: string, before: Item | undefined, after: Item | undefined): void => {
    if (after !== undefined) checkKeys(after);
    if (after === undefined) items.delete(pk);
    else items.set(pk, after);
    const delay = lag();
    replica.follow(pk, after, delay);
    for (const { index, entries } of indexes) {
      const entry = project(after, index, key);
      if (entry !== undefined || project(before, index, key) !== undefined) entries.follow(pk, entry, delay);
    }
    written(before, after);
  };

  const find = (name: string | undefined) => {
    const found = indexes.find(({ index }) => index.name === name);
    if (name !== undefined && found === undefined) throw new TypeError(`no index ${name}`);
    return { range: found?.index.range, all: found === undefined ? items : found.entries.items() };
  };

  return {
    key,
    items,
    isLagging: () => indexes.some(({ entries }) => entries.isLate()),
    get: (pk, isConsistent) => (isConsistent ? items : replica.items()).get(pk),
    put(item, request) {
      const pk = String(item[key]);
      const before = items.get(pk);
      const { condition } = compileExpressions(request);
      if (!condition(before ?? {}, request.ExpressionAttributeValues ?? {})) throw new ConditionNotMet(before);
      write(pk, before, item);
    },
    update(pk, request) {
      const before = items.get(pk);
      const { condition, update } = compileExpressions(request);
      const values = request.ExpressionAttributeValues ?? {};
      if (!condition(before ?? {}, values)) throw new ConditionNotMet(before);
      const after = update(before ?? { [key]: pk }, values);
      write(pk, before, after);
      return after;
    },
    delete(pk, request) {
      const before = items.get(pk);
      const { condition } = compileExpressions(request);
      if (!condition(before ?? {}, request.ExpressionAttributeValues ?? {})) throw new ConditionNotMet(before);
      if (before !== undefined) write(pk, before, undefined);
    },
    query(request) {
      const { IndexName, ScanIndexForward = true, Limit = 1000, ExclusiveStartKey: start } = request;
      const { keyCondition, filter } = compileExpressions(request);
      const values = request.ExpressionAttributeValues ?? {};
      const { range, all } = find(IndexName);
      const order = (one: Item, other: Item) => compareItems(one, other, range, key) * (ScanIndexForward ? 1 : -1);
      const matching: Item[] = [];
      for (const item of all.values()) {
        if (keyCondition(item, values) && (start === undefined || order(item, start) > 0)) matching.push(item);
      }
      const read = matching.sort(order).slice(0, Limit);
      return {
        items: read.filter((item) => filter(item, values)),
        last: read.length >= Limit ? read.at(-1) : undefined,
      };
    },
  };
};
