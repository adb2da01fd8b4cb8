import { readInfraTemplate } from '../../../local/infra-template.ts';
import type { TableSchema } from './in-memory-table.ts';

interface GlobalSecondaryIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

type KeySchema = GlobalSecondaryIndex['KeySchema'];

const keyOf = (keys: KeySchema, type: string): string | undefined =>
  keys.find(({ KeyType }) => KeyType === type)?.AttributeName;

/** The keys and indexes of a table in `infra/`. */
export const readTableSchema = async (table: 'JobsTable' | 'ImportsTable'): Promise<TableSchema> => {
  const { resources } = await readInfraTemplate();
  const properties = resources[table]?.Properties;
  const indexes = properties?.['GlobalSecondaryIndexes'] as readonly GlobalSecondaryIndex[];
  return {
    key: keyOf(properties?.['KeySchema'] as KeySchema, 'HASH') ?? '',
    indexes: indexes.map(({ IndexName: name, KeySchema: keys, Projection }) => {
      const projected = Projection.ProjectionType === 'ALL' ? undefined : (Projection.NonKeyAttributes ?? []);
      return { name, hash: keyOf(keys, 'HASH') ?? '', range: keyOf(keys, 'RANGE'), projected };
    }),
  };
};
