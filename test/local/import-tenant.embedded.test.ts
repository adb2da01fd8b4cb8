import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noTrustedPrivateHosts } from '../../functions/auth/trusted-private-hosts.ts';
import { importTenant } from '../../local/import-tenant.ts';
import { tenantRecord } from '../support/auth-bench.ts';
import { sampleImportSource } from '../support/sample-tenant.ts';
import { type Stores, startStores } from '../support/start-stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

const importOf = async (id: string, members: object) => {
  const names = { importsTable: stores.ref('ImportsTable'), tenantsTable: stores.ref('TenantsTable') };
  await stores.documents.send(
    new PutCommand({
      TableName: names.tenantsTable,
      Item: { ...tenantRecord(id), import: sampleImportSource, ...members },
    }),
  );
  const place = { stage: 'prod', region: 'eu-north-1' };
  return importTenant(
    { ...names, ...place, documents: stores.documents, dataBucket: 'none', trusted: noTrustedPrivateHosts },
    id,
  );
};

test('an import of a tenant with a server is begun', async () => {
  expect(await importOf('good', { region: 'eu-north-1' })).toMatchObject({ kind: 'begun' });
});

test.each([
  [
    'disabled',
    { enabled: false },
    'bad is disabled. Switch it on: npm run tenant -- enable bad --stage prod --region eu-north-1',
  ],
  ['elsewhere', { region: 'eu-west-1' }, 'bad is served by eu-west-1. There: --region eu-west-1'],
  [
    'without a server',
    { import: undefined },
    "the record of bad has no 'import'. docs/imports.md says what stands in it",
  ],
])('of a tenant that is %s nothing is begun, and it says which of them it is', async (_case, members, words) => {
  await expect(importOf('bad', members)).rejects.toThrow(`Nothing was begun: ${words}`);
});
