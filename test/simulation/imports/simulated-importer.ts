import type { CachingTenantRegistry } from '../../../functions/auth/caching-tenant-registry.ts';
import type { ImportSource } from '../../../functions/auth/import-source.ts';
import type { Tenant } from '../../../functions/auth/tenant.ts';
import { readImporterConfig } from '../../../functions/importer/config.ts';
import { createImporterHandler, type ImporterHandler } from '../../../functions/importer/create-importer-handler.ts';
import { beginImport } from '../../../functions/imports/begin-import.ts';
import {
  createDynamoDbImportIndex,
  createDynamoDbImportStore,
} from '../../../functions/imports/dynamodb-import-store.ts';
import { defaultImportLimits, importDeadline, maxRestarts } from '../../../functions/imports/import-limits.ts';
import type { ImportStore } from '../../../functions/imports/import-store.ts';
import { createS3DataSetFiles } from '../../../functions/imports/s3-data-set-files.ts';
import type { SecretStore } from '../../../functions/imports/secret-store.ts';
import { createSqsImportQueue } from '../../../functions/imports/sqs-import-queue.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { callOffImport } from '../../../local/call-off-import.ts';
import type { SimulatedProcess } from '../simulated-process.ts';
import { createDataS3, createDocuments, createSqs } from '../simulated-sdk.ts';
import type { Variant } from '../variant.ts';
import type { World } from '../world.ts';
import { baseUrlOf, plantedSecret } from './export-server.ts';
import type { ImportOrder } from './import-swarm.ts';
import { createSimulatedExchange } from './simulated-exchange.ts';

const minute = 60_000;

const readSettings = (own: Readonly<Record<string, string>>) =>
  readImporterConfig({
    AWS_REGION: 'eu-north-1',
    STAGE: 'simulated',
    IMPORTS_TABLE: 'imports',
    TENANTS_TABLE: 'tenants',
    DATA_BUCKET: 'bucket',
    IMPORT_QUEUE_URL: 'imports',
    IMPORT_SECRETS_PREFIX: '/simulated/imports',
    ...own,
  });

/** The importer's settings that runs are made with, and how long an import has that an operator begins: the defaults, and tighter ones. */
export const importSettings = {
  usual: { ...readSettings({}), deadline: importDeadline },
  hasty: {
    ...readSettings({ IMPORT_MAX_ATTEMPTS: '4', DATA_SET_GRACE_HOURS: '1' }),
    deadline: 20 * minute,
  },
} as const;

/** Small, so that an export of twelve lines has several segments. */
const limits = { ...defaultImportLimits, segmentBytes: 1200 };

/** Where a tenant's data sets come from. */
export const importSourceOf = (tenant: string, kind: ImportSource['kind'], keep: number): ImportSource => ({
  kind,
  baseUrl: baseUrlOf(tenant),
  hosts: [],
  signIn: { kind: 'client-secret', clientId: 'reporting', secret: 'export', tokenUrl: `${baseUrlOf(tenant)}/token` },
  keep,
  nightly: true,
});

/** A port that may fail as calls do. */
const ask = async <Result>(
  process: SimulatedProcess,
  service: string,
  operation: string,
  answer: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await process.call({ service, operation }, answer);
  } catch {
    throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: service });
  }
};

const createTenants = (process: SimulatedProcess, tenants: CachingTenantRegistry): CachingTenantRegistry => ({
  ...tenants,
  all: () => ask(process, 'tenants', 'all', () => tenants.all()),
  byId: (id) => ask(process, 'tenants', 'byId', () => tenants.byId(id)),
});

const createSecrets = (process: SimulatedProcess): SecretStore => ({
  read: (tenant) => ask(process, 'secrets', 'read', async () => `${plantedSecret}-${tenant}`),
});

const openStore = (process: SimulatedProcess, { imports }: World, variant: Variant) => {
  const documents = createDocuments(process, imports.table, variant, imports.acts);
  const store = createDynamoDbImportStore(documents, 'imports', process.ids);
  return { documents, imports: variant.imports?.(store, documents) ?? store };
};

/** What the dispatcher reads of imports. */
export const createImportReader = (process: SimulatedProcess, world: World, variant: Variant): ImportStore =>
  openStore(process, world, variant).imports;

/** The importer in a container. */
export const createImporter = (
  process: SimulatedProcess,
  world: World,
  variant: Variant,
  tenants: CachingTenantRegistry,
): ImporterHandler => {
  const settings = importSettings[world.plan.settings];
  const { documents, imports } = openStore(process, world, variant);
  const plain = {
    tenants: createTenants(process, tenants),
    imports,
    index: createDynamoDbImportIndex(documents, 'imports'),
    queue: createSqsImportQueue(createSqs(process, world.imports.queue, variant), 'imports'),
    files: createS3DataSetFiles(createDataS3(process, world.data, variant), 'bucket'),
    secrets: createSecrets(process),
    clock: process.clock,
    ids: process.ids,
    timers: process.timers,
    logger: world.loggerOf(process),
    openExchange({ baseUrl }: ImportSource) {
      const [, tenant = ''] = new URL(baseUrl).hostname.split('.');
      const server = world.imports.servers.get(tenant);
      if (server === undefined) throw new TypeError('no such server');
      return createSimulatedExchange(process, server);
    },
    limits,
    rules: { ...settings, maxRestarts },
    grace: settings.grace,
  };
  return createImporterHandler(variant.importer?.(plain, { process, world }) ?? plain);
};

/** An operator's command: begins a tenant's import, or calls it off. */
export const orderImport = async (
  process: SimulatedProcess,
  world: World,
  variant: Variant,
  tenant: Tenant,
  kind: ImportOrder['kind'],
): Promise<void> => {
  const { imports } = openStore(process, world, variant);
  const { clock, ids } = process;
  const { deadline } = importSettings[world.plan.settings];
  if (kind === 'begin') await beginImport({ imports, clock, ids, rules: { deadline } }, tenant);
  else await callOffImport({ imports, clock }, tenant.id);
};
