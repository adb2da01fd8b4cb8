import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';

/** A record of the tenants table as it stands there; string sets as lists. */
export type TenantRecord = Readonly<Record<string, unknown>>;

/** The tenants table, for operators. */
export interface TenantTable {
  readonly documents: DynamoDBDocumentClient;
  readonly name: string;
}

/** `conflict`: somebody else changed the record in between, or it is not (or no longer) there. Nothing was written. */
export type WriteOutcome = 'written' | 'conflict';

/** Counts the writings of a record, so that none is overwritten unseen. Absent in records of other writers. */
export const revisionMember = 'revision';

/**
 * The region that a record names in place of its table's: the tenant has moved there, and is served by none of this table's region any more.
 * Undefined where it is served here, as it is by a record without a region.
 *
 * @param own the region of the table
 */
export const findOtherRegion = ({ region }: TenantRecord, own: string): string | undefined =>
  typeof region === 'string' && region !== own ? region : undefined;

/** A record with string sets as lists. */
export const withoutSets = (record: TenantRecord): TenantRecord =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value instanceof Set ? [...value] : value]));

/** All records, read consistently, by id. */
export const readTenantRecords = async ({ documents, name }: TenantTable): Promise<readonly TenantRecord[]> => {
  const records: TenantRecord[] = [];
  for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: name, ConsistentRead: true })) {
    records.push(...Items.map(withoutSets));
  }
  return records.sort((one, other) => String(one['id']).localeCompare(String(other['id'])));
};

const apply = async (write: () => Promise<unknown>): Promise<WriteOutcome> => {
  try {
    await write();
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict';
    throw error;
  }
};

const conditionOn = (seen: TenantRecord | undefined) => {
  if (seen === undefined) return { ConditionExpression: 'attribute_not_exists(id)' };
  const revision = seen[revisionMember];
  if (revision === undefined) {
    return { ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(revision)' };
  }
  return { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': revision } };
};

/**
 * Writes a whole record, if the table still holds what the writer has seen.
 *
 * @param seen the record that is replaced; undefined where there must be none
 */
export const writeTenantRecord = (
  { documents, name }: TenantTable,
  record: TenantRecord,
  seen: TenantRecord | undefined,
): Promise<WriteOutcome> => {
  const revision = Number(seen?.[revisionMember] ?? 0) + 1;
  const item = { ...JSON.parse(JSON.stringify(record)), [revisionMember]: revision };
  return apply(() => documents.send(new PutCommand({ TableName: name, Item: item, ...conditionOn(seen) })));
};

/**
 * Switches a tenant off or on: `conflict` where it is that already, or is not there. One conditional write, which leaves everything else
 * in the record as it is, also what another writer changes at the same moment.
 */
export const switchTenant = ({ documents, name }: TenantTable, id: string, enabled: boolean): Promise<WriteOutcome> =>
  apply(() =>
    documents.send(
      new UpdateCommand({
        TableName: name,
        Key: { id },
        UpdateExpression: 'SET enabled = :wanted ADD revision :one',
        // A record without the member is enabled.
        ConditionExpression: enabled
          ? 'attribute_exists(id) AND enabled = :other'
          : 'attribute_exists(id) AND (attribute_not_exists(enabled) OR enabled = :other)',
        ExpressionAttributeValues: { ':wanted': enabled, ':other': !enabled, ':one': 1 },
      }),
    ),
  );
