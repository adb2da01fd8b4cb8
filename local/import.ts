import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '../functions/auth/tenant.ts';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { isOpenImport } from '../functions/imports/import.ts';
import { systemClock } from '../functions/platform/clock.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { callOffImport } from './call-off-import.ts';
import { CommandError, readArguments, runCommand } from './command-line.ts';
import { describeImport } from './describe-import.ts';
import { findImportTables, importOptionLines, importOptions, readTenantOption } from './find-imports.ts';
import { type ImportTables, importTenant } from './import-tenant.ts';

const usage = `npm run import -- --tenant <tenant> [--wait]
       npm run import -- --tenant <tenant> --cancel

Fetches the tenant's data set from its FHIR server. The importer's next tick, within a minute, takes it up.
  --wait   tells how it gets on, until it is over
  --cancel calls off the one that is under way
${importOptionLines}`;

const waitMillis = 2_000;

const openStore = ({ documents, importsTable }: ImportTables) =>
  createDynamoDbImportStore(documents, importsTable, randomIds);

const begin = async (tables: ImportTables, tenant: TenantId): Promise<void> => {
  const beginning = await importTenant(tables, tenant);
  if (beginning.kind === 'begun') return console.log(`An import of ${tenant} was begun: ${beginning.import.importId}.`);
  throw new CommandError(`Nothing was begun: the import before is not over. ${describeImport(beginning.import)}`);
};

const follow = async (tables: ImportTables, tenant: TenantId): Promise<void> => {
  for (let last = ''; ; await delay(waitMillis)) {
    const held = await openStore(tables).read(tenant);
    if (held === undefined) throw new CommandError('The import is gone.');
    const now = describeImport(held);
    if (now !== last) console.log(now);
    last = now;
    if (isOpenImport(held)) continue;
    if (held.state === 'DONE')
      return console.log(`The next report is made from it, cut off at ${held.plan?.transactionTime}.`);
    throw new CommandError('The data set in use stays what it was.');
  }
};

const cancel = async (tables: ImportTables, tenant: TenantId): Promise<void> => {
  const became = await callOffImport({ imports: openStore(tables), clock: systemClock }, tenant);
  if (became === 'none-under-way') throw new CommandError(`No import of ${tenant} is under way.`);
  if (became === 'beaten')
    throw new CommandError('The import goes on: somebody else was faster each time. Try it again.');
  const unless =
    became === 'called-off-at-the-last-step' ? ', unless this one became current just now (npm run imports tells)' : '';
  console.log(`The import of ${tenant} was called off. The data set in use stays${unless}.`);
};

await runCommand(usage, async () => {
  const more = { wait: { type: 'boolean', default: false }, cancel: { type: 'boolean', default: false } } as const;
  const { values } = readArguments({ ...importOptions, ...more });
  const tenant = readTenantOption(values);
  const tables = await findImportTables(values);
  if (values.cancel) return cancel(tables, tenant);
  await begin(tables, tenant);
  if (values.wait) await follow(tables, tenant);
});
