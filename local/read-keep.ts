import * as v from 'valibot';
import { keepSchema, mostKept } from '../functions/auth/import-source.ts';
import type { TenantRecord } from './tenant-records.ts';

/**
 * How many of its newest data sets a tenant has kept, whatever else is wrong with its record: `import.keep`; one where it imports nothing.
 * As many as can be where that cannot be told.
 */
export const readKeep = (record: TenantRecord): number => {
  if (record['import'] === undefined) return 1;
  const result = v.safeParse(v.object({ keep: keepSchema }), record['import']);
  return result.success ? result.output.keep : mostKept;
};
