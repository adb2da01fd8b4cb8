import type { TenantStores } from '../../local/erase-tenant.ts';
import type { Stores } from './start-stores.ts';

/** Everything of the emulated stores that holds something of a tenant. */
export const tenantStoresOf = ({ documents, s3, ref }: Stores): TenantStores => ({
  documents,
  s3,
  tenantsTable: ref('TenantsTable'),
  jobsTable: ref('JobsTable'),
  importsTable: ref('ImportsTable'),
  contentBucket: ref('ContentBucket'),
  dataBucket: ref('DataBucket'),
});
