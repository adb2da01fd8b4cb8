import type { TenantId } from '../functions/auth/tenant.ts';
import { CommandError } from './command-line.ts';
import type { ImportTables } from './import-tenant.ts';
import { requireTenant } from './require-tenant.ts';
import { stageArguments } from './stage-options.ts';
import { findOtherRegion, type TenantRecord } from './tenant-records.ts';

/**
 * The record of a tenant for which a data set may be loaded here. Of one that is disabled it is only told, since it may be loaded for before it
 * is switched on.
 *
 * @throws CommandError where there is no such tenant, or another region serves it: no report would ever be made of what is loaded here, and it
 * would rest where the tenant's data is not to be
 */
export const requireServedHere = async (
  tables: Pick<ImportTables, 'documents' | 'tenantsTable' | 'stage' | 'region'>,
  tenant: TenantId,
): Promise<TenantRecord> => {
  const { documents, tenantsTable } = tables;
  const record = await requireTenant({ documents, name: tenantsTable }, tenant);
  const other = findOtherRegion(record, await documents.config.region());
  if (other !== undefined) {
    throw new CommandError(`Nothing was loaded: ${tenant} is served by ${other}. There: --region ${other}`);
  }
  if (record['enabled'] === false) {
    const enable = `npm run tenant -- enable ${tenant}${stageArguments(tables)}`;
    console.log(`${tenant} is disabled: no report is made until it is switched on. ${enable}`);
  }
  return record;
};
