import type { S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '../functions/auth/tenant.ts';
import { deleteObjects, listEveryVersion } from './stored-objects.ts';

/** Everything that holds something of a tenant. */
export interface TenantStores {
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly tenantsTable: string;
  readonly jobsTable: string;
  readonly importsTable: string;
  readonly contentBucket: string;
  readonly dataBucket: string;
}

/** How much there is, or was. */
export interface TenantHoldings {
  /** Reports' records, idempotency keys, tallies and paces. */
  readonly jobItems: number;
  readonly imports: number;
  readonly contentObjects: number;
  /** Versions and delete markers included. */
  readonly dataObjects: number;
}

const keysOf = async (
  { documents }: TenantStores,
  table: string,
  filter: { readonly key: string; readonly condition: string; readonly value: string },
): Promise<readonly Record<string, unknown>[]> => {
  const request = {
    TableName: table,
    ConsistentRead: true,
    FilterExpression: filter.condition,
    ExpressionAttributeNames: { '#key': filter.key },
    ExpressionAttributeValues: { ':value': filter.value },
    ProjectionExpression: '#key',
  };
  const keys: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client: documents }, request)) keys.push(...Items);
  return keys;
};

/** A tenant id has no `#` and no `/`, so that no other tenant's keys begin with it and one of them. */
const find = async (stores: TenantStores, tenant: TenantId) => {
  const { s3, jobsTable, importsTable, contentBucket, dataBucket } = stores;
  const jobs = { key: 'pk', condition: 'begins_with(#key, :value)', value: `${tenant}#` };
  const imports = { key: 'tenant', condition: '#key = :value', value: tenant };
  return {
    jobItems: await keysOf(stores, jobsTable, jobs),
    imports: await keysOf(stores, importsTable, imports),
    contentObjects: await listEveryVersion(s3, contentBucket, `${tenant}/`),
    dataObjects: await listEveryVersion(s3, dataBucket, `${tenant}/`),
  };
};

const deleteItems = async (
  documents: DynamoDBDocumentClient,
  TableName: string,
  keys: readonly Record<string, unknown>[],
): Promise<void> => {
  for (const Key of keys) await documents.send(new DeleteCommand({ TableName, Key }));
};

const count = (found: Awaited<ReturnType<typeof find>>): TenantHoldings => ({
  jobItems: found.jobItems.length,
  imports: found.imports.length,
  contentObjects: found.contentObjects.length,
  dataObjects: found.dataObjects.length,
});

/** What there is of a tenant. Reads both tables whole. */
export const findHoldings = async (stores: TenantStores, tenant: TenantId): Promise<TenantHoldings> =>
  count(await find(stores, tenant));

/**
 * Erases everything that is stored for a tenant, save its record: records first, so that nothing is readable or made any more, then
 * bytes. A worker that was at it may still store bytes, for a quarter of an hour at most: to be done again after that. Done again after it
 * broke off, it goes on.
 *
 * @returns what was there
 */
export const eraseHoldings = async (stores: TenantStores, tenant: TenantId): Promise<TenantHoldings> => {
  const { documents, s3, jobsTable, importsTable, contentBucket, dataBucket } = stores;
  const found = await find(stores, tenant);
  await deleteItems(documents, jobsTable, found.jobItems);
  await deleteItems(documents, importsTable, found.imports);
  await deleteObjects(s3, contentBucket, found.contentObjects);
  await deleteObjects(s3, dataBucket, found.dataObjects);
  return count(found);
};

/** Removes a tenant's record, if it is still disabled; `false` where it is not, and nothing was removed. */
export const removeRecord = async ({ documents, tenantsTable }: TenantStores, tenant: TenantId): Promise<boolean> => {
  try {
    await documents.send(
      new DeleteCommand({
        TableName: tenantsTable,
        Key: { id: tenant },
        ConditionExpression: 'enabled = :no',
        ExpressionAttributeValues: { ':no': false },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};
