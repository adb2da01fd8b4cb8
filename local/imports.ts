import { S3Client } from '@aws-sdk/client-s3';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { createS3DataSetFiles } from '../functions/imports/s3-data-set-files.ts';
import { clientSettings } from '../functions/platform/client-settings.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { readArguments, runCommand } from './command-line.ts';
import { describeDataSet } from './describe-data-set.ts';
import { describeImports } from './describe-import.ts';
import { findImportTables, importOptionLines, importOptions, readTenantOption } from './find-imports.ts';
import { requireTenant } from './require-tenant.ts';

const usage = `npm run imports -- --tenant <tenant>

Tells of the tenant's data set in use, of its latest import, and of ten before it.
${importOptionLines}`;

await runCommand(usage, async () => {
  const { values } = readArguments(importOptions);
  const tenant = readTenantOption(values);
  const { documents, importsTable, tenantsTable, dataBucket, region } = await findImportTables(values);
  await requireTenant({ documents, name: tenantsTable }, tenant);
  const latest = await createDynamoDbImportStore(documents, importsTable, randomIds).read(tenant);
  const s3 = new S3Client({ ...clientSettings, ...(region === undefined ? {} : { region }) });
  const manifest = await createS3DataSetFiles(s3, dataBucket).readManifest(tenant);
  console.log(`${describeDataSet(manifest?.text, latest, systemClock.now())}\n`);
  console.log(latest === undefined ? `Nothing was imported for ${tenant} yet.` : describeImports(latest));
});
