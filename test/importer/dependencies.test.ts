import { expect, test } from 'vitest';
import type { ImportSource } from '../../functions/auth/import-source.ts';
import { readImporterConfig } from '../../functions/importer/config.ts';
import { createImporterDependencies } from '../../functions/importer/dependencies.ts';

const config = readImporterConfig({
  AWS_REGION: 'eu-north-1',
  STAGE: 'test',
  IMPORTS_TABLE: 'imports',
  TENANTS_TABLE: 'tenants',
  DATA_BUCKET: 'data',
  IMPORT_QUEUE_URL: 'https://queue.test/imports',
  IMPORT_SECRETS_PREFIX: '/reporting/test/imports',
});
const source: ImportSource = {
  kind: 'bulk-data',
  baseUrl: 'https://127.0.0.1:9/r4',
  hosts: [],
  signIn: { kind: 'client-secret', clientId: 'reporting', secret: 'careplan', tokenUrl: 'https://127.0.0.1:9/token' },
  keep: 3,
  nightly: true,
};

test.each([
  ['http://127.0.0.1:9/r4', 'ADDRESS_REFUSED'],
  ['https://127.0.0.1:9/r4', 'ADDRESS_REFUSED'],
  ['https://fhir.example.dk/r4', 'HOST_NOT_ALLOWED'],
])('as it is deployed, the importer does not call %s', async (url, code) => {
  const { openExchange } = createImporterDependencies(config);
  const exchange = openExchange(source);
  await expect(exchange.send({ method: 'GET', url }, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code });
  exchange.close();
});
