import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { parseTenant } from '../functions/auth/parse-tenant.ts';
import type { TrustedPrivateHosts } from '../functions/auth/trusted-private-hosts.ts';
import { type Beginning, beginImport } from '../functions/imports/begin-import.ts';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { importDeadline } from '../functions/imports/import-limits.ts';
import { ImportError } from '../functions/imports/import-problem.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { CommandError } from './command-line.ts';

/** Where imports, tenants and data sets are. */
export interface ImportTables {
  readonly documents: DynamoDBDocumentClient;
  readonly importsTable: string;
  readonly tenantsTable: string;
  readonly dataBucket: string;
  /** Hosts of a private network that the tenant's record may name. */
  readonly trusted: TrustedPrivateHosts;
  /** That of the AWS SDK's own settings, if it is left out. */
  readonly region?: string;
}

/**
 * Begins an import of a tenant, as an operator. The importer's next tick takes it up.
 *
 * @throws CommandError when there is no such tenant, or it has nowhere to import from
 */
export const importTenant = async (tables: ImportTables, tenant: string): Promise<Beginning> => {
  const { documents, importsTable, tenantsTable, trusted } = tables;
  const { Item } = await documents.send(new GetCommand({ TableName: tenantsTable, Key: { id: tenant } }));
  if (Item === undefined) throw new CommandError(`There is no tenant ${tenant}.`);
  const parsed = parseTenant(Item, trusted);
  if (!parsed.ok) throw new CommandError(`The record of ${tenant} cannot be used: ${parsed.problems.join('; ')}`);
  const imports = createDynamoDbImportStore(documents, importsTable, randomIds);
  try {
    const dependencies = { imports, clock: systemClock, ids: randomIds, rules: { deadline: importDeadline } };
    return await beginImport(dependencies, parsed.tenant);
  } catch (error) {
    throw error instanceof ImportError ? new CommandError(error.cause) : error;
  }
};
