import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ImportSource } from '../../functions/auth/import-source.ts';
import type { Tenant } from '../../functions/auth/tenant.ts';
import { createImporterHandler, type ImporterDependencies } from '../../functions/importer/create-importer-handler.ts';
import { type Beginning, beginImport } from '../../functions/imports/begin-import.ts';
import { createHttpsExchange } from '../../functions/imports/https-exchange.ts';
import { type Import, isTidy } from '../../functions/imports/import.ts';
import { defaultImportLimits } from '../../functions/imports/import-limits.ts';
import { writeImportMessage } from '../../functions/imports/import-message.ts';
import { ImportError } from '../../functions/imports/import-problem.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type ExportServer, type ExportServerOptions, startExportServer } from '../../local/export-server.ts';
import type { ExportClient } from '../../local/export-sign-in.ts';
import { createInMemoryDataSetFiles, type InMemoryDataSetFiles } from './in-memory-data-set-files.ts';
import { createInMemoryImportStore } from './in-memory-import-store.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createManualTimers } from './manual-timers.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import { demoTenant } from './sample-job.ts';
import { registryOf, sampleTenant } from './sample-tenant.ts';
import { trustedAuthority } from './test-authority.ts';

/** The importer against a real export server, with stores in memory and time in the test's hands. */
export interface ImportBench {
  readonly server: ExportServer;
  readonly tenant: Tenant;
  readonly clock: ManualClock;
  readonly log: RecordedLog;
  readonly imports: ReturnType<typeof createInMemoryImportStore>;
  readonly files: InMemoryDataSetFiles;
  /** Replaced by a test, they stand in for what the next step gets. */
  dependencies: ImporterDependencies;
  begin(): Promise<Beginning>;
  /** Ticks and delivers, time passing to whatever is due, until the import is over and tidied up. */
  run(): Promise<Import>;
  /** One tick, and what it queued. */
  step(): Promise<void>;
  /** What the data set in use has, unpacked; undefined where the tenant has none. */
  read(): { readonly transactionTime: string; readonly text: string } | undefined;
  /** Puts a data set there, as yesterday's import left it. */
  putYesterdays(): void;
}

/** What the bench may be given besides what its server exports. */
export interface BenchOptions {
  readonly client?: ExportClient;
  readonly secret?: string;
  readonly source?: Partial<ImportSource>;
  readonly tokenSeconds?: number;
  readonly limits?: Partial<typeof defaultImportLimits>;
  readonly trusted?: readonly string[];
  readonly wrapStore?: (store: ImportStore) => ImportStore;
}

/** An EpisodeOfCare in one line of NDJSON. */
export const episodeLine = (number: number, filler = ''): string =>
  `${JSON.stringify({ resourceType: 'EpisodeOfCare', id: `e${number}`, status: 'active', filler, patient: { reference: `Patient/${number}` } })}\n`;

/** A file with so many episodes. */
export const episodeFile = (from: number, count: number, filler = ''): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => episodeLine(from + index, filler)).join(''));

/** SHA-256 in hex. */
export const digestOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What stands in for yesterday's data set. */
export const yesterdays = { transactionTime: '2026-04-15T01:00:00.000Z', text: episodeLine(0) };

const mostSteps = 200;
const secretName = 'careplan';

/** Starts one. The server is to be stopped. */
export const startImportBench = async (
  exported: Partial<ExportServerOptions> = {},
  options: BenchOptions = {},
): Promise<ImportBench> => {
  const clock = createManualClock();
  const { client = { clientId: 'reporting', secret: 'a secret' }, secret = 'a secret', limits = {} } = options;
  const certificate = await (await trustedAuthority()).issue(['127.0.0.1']);
  const { tokenSeconds = 60 } = options;
  const server = await startExportServer({ ...exported, certificate, client, tokenSeconds, now: clock.now });
  const signIn =
    'secret' in client
      ? ({ kind: 'client-secret', clientId: client.clientId, secret: secretName, tokenUrl: server.tokenUrl } as const)
      : ({
          kind: 'smart-backend',
          clientId: client.clientId,
          secret: secretName,
          scope: 'system/EpisodeOfCare.read',
        } as const);
  const source: ImportSource = {
    kind: 'bulk-data',
    baseUrl: server.baseUrl,
    hosts: [],
    signIn,
    keep: 3,
    nightly: false,
    ...options.source,
  };
  const tenant = sampleTenant({ import: source });
  const log = createRecordedLog();
  const imports = createInMemoryImportStore();
  const files = createInMemoryDataSetFiles(clock.now);
  const queued: string[] = [];
  const bench: ImportBench = {
    server,
    tenant,
    clock,
    log,
    imports,
    files,
    dependencies: {
      tenants: registryOf(tenant),
      imports: options.wrapStore?.(imports) ?? imports,
      index: imports,
      queue: { send: async (tenantId, importId) => void queued.push(writeImportMessage({ tenantId, importId })) },
      files,
      secrets: {
        read: async (_tenant, name) => {
          if (name === secretName) return secret;
          throw new ImportError('SECRET_UNUSABLE', 'no such secret');
        },
      },
      clock,
      ids: randomIds,
      timers: createManualTimers(clock),
      logger: log,
      openExchange: (to) =>
        createHttpsExchange({ source: to, trustedPrivateHosts: new Set(options.trusted ?? [server.host]) }),
      limits: { ...defaultImportLimits, ...limits },
      rules: { maxAttempts: 4, maxRestarts: 3, retryAfter: 15_000 },
      grace: 24 * 3_600_000,
    },
    begin: () => {
      const { dependencies } = bench;
      return beginImport({ ...dependencies, imports, rules: { deadline: 6 * 3_600_000 } }, tenant);
    },
    async step() {
      const handler = createImporterHandler(bench.dependencies);
      const context = { getRemainingTimeInMillis: () => 300_000 };
      await handler({}, context);
      for (const body of queued.splice(0)) await handler({ Records: [{ messageId: 'm', body }] }, context);
    },
    async run() {
      await bench.begin();
      for (let steps = 0; steps < mostSteps; steps++) {
        const held = await imports.read(demoTenant);
        if (held === undefined || isTidy(held)) return held as Import;
        clock.advance(Math.max((held.due ?? 0) - clock.now(), 0));
        await bench.step();
      }
      throw new Error(`the import is not over after ${mostSteps} steps`);
    },
    read() {
      const manifest = files.stored.get('demo/manifest.json');
      if (manifest === undefined) return undefined;
      const { transactionTime, output } = JSON.parse(manifest.toString('utf8')) as {
        transactionTime: string;
        output: { url: string }[];
      };
      const parts = output.map(({ url }) => gunzipSync(files.stored.get(`demo/${url}`) ?? Buffer.alloc(0)));
      return { transactionTime, text: Buffer.concat(parts).toString('utf8') };
    },
    putYesterdays() {
      const made = Date.parse(yesterdays.transactionTime);
      const id = `${made
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7000-8000-000000000001`;
      const name = `imports/${id}/0001-a.ndjson.gz`;
      files.stored.set(`demo/${name}`, gzipSync(yesterdays.text));
      const manifest = { transactionTime: yesterdays.transactionTime, output: [{ type: 'EpisodeOfCare', url: name }] };
      for (const key of ['demo/manifest.json', `demo/imports/${id}/manifest.json`])
        files.stored.set(key, Buffer.from(JSON.stringify(manifest)));
    },
  };
  return bench;
};
