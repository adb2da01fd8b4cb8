import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { CommandError } from './command-line.ts';
import { readTenantRecords, type TenantRecord, type TenantTable, withoutSets } from './tenant-records.ts';

/** A tenant's record, read consistently, if there is one. */
export const findTenantRecord = async (
  { documents, name }: TenantTable,
  id: string,
): Promise<TenantRecord | undefined> => {
  const { Item } = await documents.send(new GetCommand({ TableName: name, Key: { id }, ConsistentRead: true }));
  return Item && withoutSets(Item);
};

/**
 * A tenant's record, read consistently.
 *
 * @throws CommandError when there is no such tenant; it names those that there are
 */
export const requireTenant = async (table: TenantTable, id: string): Promise<TenantRecord> => {
  const record = await findTenantRecord(table, id);
  if (record !== undefined) return record;
  const known = (await readTenantRecords(table)).map((record) => record['id']).join(', ') || 'none yet';
  throw new CommandError(`There is no tenant ${id}; there are ${known}.`);
};
