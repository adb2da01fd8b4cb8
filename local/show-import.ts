import { setTimeout as delay } from 'node:timers/promises';
import { restoreTenantId } from '../functions/auth/tenant.ts';
import { createDynamoDbImportStore } from '../functions/imports/dynamodb-import-store.ts';
import { isTidy } from '../functions/imports/import.ts';
import { randomIds } from '../functions/platform/ids.ts';
import { CommandError } from './command-line.ts';
import { describeImport } from './describe-import.ts';
import { importTenant } from './import-tenant.ts';
import type { Embedded } from './start-embedded.ts';

/** How often the demo ticks, in milliseconds; the deployed tick comes once a minute. */
const tickMillis = 250;
const longestMillis = 60_000;

/**
 * Imports a tenant's data set in the embedded runtime and tells what happens, one line a change.
 *
 * @throws CommandError when the import does not end in a new data set
 */
export const showImport = async (
  { functions, resources, clients }: Embedded,
  tenant: string,
  say: (...lines: readonly string[]) => void,
): Promise<void> => {
  const { documents } = clients;
  const trusted = new Set((functions.environment.importer['TRUSTED_PRIVATE_HOSTS'] ?? '').split(','));
  await importTenant({ ...resources, documents, trusted }, tenant);
  const imports = createDynamoDbImportStore(documents, resources.importsTable, randomIds);
  const begun = performance.now();
  for (let last = ''; performance.now() - begun < longestMillis; await delay(tickMillis)) {
    await functions.importer();
    const held = await imports.read(restoreTenantId(tenant));
    if (held === undefined) continue;
    const now = describeImport(held);
    if (now !== last) say(`  ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${now}`);
    last = now;
    if (!isTidy(held)) continue;
    if (held.state !== 'DONE') throw new CommandError(`The import ended ${held.state}: ${held.failure?.cause ?? ''}`);
    say('', `  The data set in use is now that of ${held.plan?.transactionTime}.`);
    return;
  }
  throw new CommandError('The import is not over after a minute.');
};
