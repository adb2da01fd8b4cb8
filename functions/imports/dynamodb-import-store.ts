import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { restoreTenantId, type TenantId } from '../auth/tenant.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import type { Ids } from '../platform/ids.ts';
import { type Import, isTidy } from './import.ts';
import { fromImportItem, importKey, openKey, toImportItem, toTimeText } from './import-item.ts';
import type { ImportIndex, ImportStore, ImportTransition } from './import-store.ts';

const explain = (error: unknown) => toDependencyError('import-store', error);

type Attributes = Readonly<Record<string, unknown>>;

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * The update from one item to another: what changed is set, what is gone is removed. What neither has is left alone, so an attribute of a
 * later version outlives a write by this one.
 */
const differenceOf = (before: Attributes, after: Attributes) => {
  const names = Object.keys({ ...before, ...after }).filter((name) => !isSame(before[name], after[name]));
  const set = names.filter((name) => after[name] !== undefined);
  const gone = names.filter((name) => after[name] === undefined);
  const clause = (word: string, parts: readonly string[]) => (parts.length === 0 ? '' : `${word} ${parts.join(', ')} `);
  return {
    UpdateExpression: `${clause(
      'SET',
      set.map((name) => `#${name} = :${name}`),
    )}${clause(
      'REMOVE',
      gone.map((name) => `#${name}`),
    )}`.trim(),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(set.map((name) => [`:${name}`, after[name]])),
  };
};

/** The imports in a DynamoDB table: key `tenant`. */
export const createDynamoDbImportStore = (
  client: DynamoDBDocumentClient,
  tableName: string,
  ids: Pick<Ids, 'uuid'>,
): ImportStore => {
  const read = async (tenantId: TenantId): Promise<Import | undefined> => {
    try {
      const request = { TableName: tableName, Key: importKey(tenantId), ConsistentRead: true };
      const { Item } = await client.send(new GetCommand(request));
      return Item === undefined ? undefined : fromImportItem(Item);
    } catch (error) {
      throw explain(error);
    }
  };

  /** The SDK repeats a write whose answer was lost, and the repeat then fails on what the first one wrote: so a failed condition asks who wrote. */
  const write = async (tenantId: TenantId, next: Import, send: () => Promise<unknown>): Promise<ImportTransition> => {
    try {
      await send();
      return { outcome: 'applied', import: next };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw explain(error);
      const there = await read(tenantId);
      return there?.writer === next.writer
        ? { outcome: 'applied', import: there }
        : { outcome: 'conflict', import: there };
    }
  };

  return {
    read,

    async begin(tenantId, fresh, before) {
      if (before !== undefined && !isTidy(before)) return { outcome: 'conflict', import: before };
      const next = { ...fresh, tenantId };
      const isAsSeen =
        before === undefined
          ? { ConditionExpression: 'attribute_not_exists(tenant)' }
          : { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': before.revision } };
      return write(tenantId, next, () =>
        client.send(new PutCommand({ TableName: tableName, Item: toImportItem(next), ...isAsSeen })),
      );
    },

    async replace(tenantId, seen, changed) {
      const next = { ...changed, tenantId, revision: seen.revision + 1, writer: ids.uuid() };
      const difference = differenceOf(toImportItem(seen), toImportItem(next));
      const request = {
        TableName: tableName,
        Key: importKey(tenantId),
        ...difference,
        ConditionExpression: '#revision = :seenRevision AND #importId = :seenImport',
        ExpressionAttributeNames: { ...difference.ExpressionAttributeNames, '#importId': 'importId' },
        ExpressionAttributeValues: {
          ...difference.ExpressionAttributeValues,
          ':seenRevision': seen.revision,
          ':seenImport': seen.importId,
        },
      };
      return write(tenantId, next, () => client.send(new UpdateCommand(request)));
    },
  };
};

/** The imports of the same table that have something to do: sparse index `open` (`open`, `due`), which holds keys and the import's id. */
export const createDynamoDbImportIndex = (client: DynamoDBDocumentClient, tableName: string): ImportIndex => ({
  async findDue(now, limit) {
    const request = {
      TableName: tableName,
      IndexName: 'open',
      KeyConditionExpression: '#open = :open AND due <= :now',
      ExpressionAttributeNames: { '#open': 'open' },
      ExpressionAttributeValues: { ':open': openKey, ':now': toTimeText(now) },
      Limit: limit,
    };
    const { Items = [] } = await client.send(new QueryCommand(request)).catch((error: unknown) => {
      throw explain(error);
    });
    return Items.map((item) => ({
      tenantId: restoreTenantId(String(item['tenant'])),
      importId: String(item['importId']),
    }));
  },
});
