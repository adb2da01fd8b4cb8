import { readInfraTemplate } from '../../../local/infra-template.ts';
import type { TableSchema } from './in-memory-table.ts';

interface GlobalSecondaryIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

/** The keys and indexes of the jobs table in `infra/`. */
export const readJobsTableSchema = async (): Promise<TableSchema> => {
  const { resources } = await readInfraTemplate();
  const indexes = resources['JobsTable']?.Properties['GlobalSecondaryIndexes'] as readonly GlobalSecondaryIndex[];
  return {
    indexes: indexes.map(({ IndexName: name, KeySchema, Projection }) => {
      const keyOf = (type: string) => KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName;
      const projected = Projection.ProjectionType === 'ALL' ? undefined : (Projection.NonKeyAttributes ?? []);
      return { name, hash: keyOf('HASH') ?? 'pk', range: keyOf('RANGE'), projected };
    }),
  };
};
