import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { parseTenant } from '../functions/auth/parse-tenant.ts';
import type { Tenant } from '../functions/auth/tenant.ts';
import type { TrustedPrivateHosts } from '../functions/auth/trusted-private-hosts.ts';
import { type Beginning, beginImport } from '../functions/imports/begin-import.ts';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { importDeadline } from '../functions/imports/import-limits.ts';
import { ImportError } from '../functions/imports/import-problem.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { CommandError } from './command-line.ts';
import { requireTenant } from './require-tenant.ts';
import { type StageWishes, stageArguments } from './stage-options.ts';

/** Where imports, tenants and data sets are. */
export interface ImportTables {
  readonly documents: DynamoDBDocumentClient;
  readonly importsTable: string;
  readonly tenantsTable: string;
  readonly dataBucket: string;
  /** Hosts of a private network that the tenant's record may name. */
  readonly trusted: TrustedPrivateHosts;
  /** Absent for the running instance. */
  readonly stage?: string;
  /** That of the AWS SDK's own settings, if it is left out. */
  readonly region?: string;
}

/** What keeps an import from being begun, each with what to do about it. */
const requireImporting = ({ id, enabled, region, import: source }: Tenant, own: string, at: StageWishes): void => {
  const refuse = (why: string, todo: string) => {
    throw new CommandError(`Nothing was begun: ${why}. ${todo}`);
  };
  if (!enabled) refuse(`${id} is disabled`, `Switch it on: npm run tenant -- enable ${id}${stageArguments(at)}`);
  if (region !== undefined && region !== own) refuse(`${id} is served by ${region}`, `There: --region ${region}`);
  if (source === undefined) refuse(`the record of ${id} has no 'import'`, 'docs/imports.md says what stands in it.');
};

/**
 * Begins an import of a tenant, as an operator. The importer's next tick takes it up.
 *
 * @throws CommandError when there is no such tenant, or it is disabled, served by another region, or has nowhere to import from
 */
export const importTenant = async (tables: ImportTables, tenant: string): Promise<Beginning> => {
  const { documents, importsTable, tenantsTable, trusted } = tables;
  const record = await requireTenant({ documents, name: tenantsTable }, tenant);
  const parsed = parseTenant(record, trusted);
  if (!parsed.ok) throw new CommandError(`The record of ${tenant} cannot be used: ${parsed.problems.join('; ')}`);
  requireImporting(parsed.tenant, await documents.config.region(), tables);
  const imports = createDynamoDbImportStore(documents, importsTable, randomIds);
  try {
    const dependencies = { imports, clock: systemClock, ids: randomIds, rules: { deadline: importDeadline } };
    return await beginImport(dependencies, parsed.tenant);
  } catch (error) {
    throw error instanceof ImportError ? new CommandError(error.cause) : error;
  }
};
