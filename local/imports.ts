import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { readArguments, runCommand } from './command-line.ts';
import { describeImports } from './describe-import.ts';
import { findImportTables, importOptionLines, importOptions, readTenantOption } from './find-imports.ts';

const usage = `npm run imports -- --tenant <tenant>

Tells of the tenant's latest import, and of ten before it.
${importOptionLines}`;

await runCommand(usage, async () => {
  const { values } = readArguments(importOptions);
  const tenant = readTenantOption(values);
  const { documents, importsTable } = await findImportTables(values);
  const latest = await createDynamoDbImportStore(documents, importsTable, randomIds).read(tenant);
  console.log(latest === undefined ? `Nothing was imported for ${tenant} yet.` : describeImports(latest));
});
