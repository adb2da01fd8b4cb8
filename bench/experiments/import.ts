import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { putTenant } from '../../functions/auth/dynamodb-tenant-registry.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { unpack } from '../../functions/episodes/unpack.ts';
import { createDynamoDbImportStore } from '../../functions/imports/dynamodb-import-store.ts';
import { type Import, isTidy } from '../../functions/imports/import.ts';
import type { ImportStore } from '../../functions/imports/import-store.ts';
import { giveBackImport } from '../../functions/imports/import-transitions.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type ExportServer, startExportServer } from '../../local/export-server.ts';
import { importTenant } from '../../local/import-tenant.ts';
import { createSelfSignedCertificate } from '../../local/self-signed-certificate.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { type Experiment, readWholeOption } from '../harness/experiment.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { endProcess, startProcess } from '../harness/helper-process.ts';
import type { Usage } from '../harness/usage.ts';
import { type SourceFiles, writeSourceFiles } from '../import/source-files.ts';

const tenant = 'other';
/** A token lives this long, in seconds: an import takes minutes. */
const tokenSeconds = 60;
const cutOff = '2026-05-16T01:00:00.000Z';
const client = { clientId: 'reporting', secret: 'a secret of the bench' };
const processFile = new URL('../import/importer-process.ts', import.meta.url);
const longestMillis = 30 * 60_000;

/** SHA-256 over the plain bytes of the data set, file after file, and how many files it has. */
const digestDataSet = async ({ clients, resources }: Embedded, { segments }: Import): Promise<string> => {
  const hash = createHash('sha256');
  for (const { name } of segments) {
    const request = new GetObjectCommand({ Bucket: resources.dataBucket, Key: `${tenant}/${name}` });
    const { Body } = await clients.s3.send(request);
    for await (const chunk of unpack(name, Body as unknown as AsyncIterable<Uint8Array>)) hash.update(chunk);
  }
  return hash.digest('hex');
};

interface Outcome {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly cpuSeconds: number;
  readonly kills: number;
  readonly isEqual: boolean;
  /** Tokens that the server gave out. */
  readonly tokens: number;
  readonly over: Import;
}

/** Gives back what a killed importer had. Else it would be its own for as long as its function might have run: five minutes a kill. */
const endLease = async (imports: ImportStore): Promise<void> => {
  for (;;) {
    const held = await imports.read(restoreTenantId(tenant));
    if (held?.lease === undefined) return;
    const { outcome } = await imports.replace(held.tenantId, held, giveBackImport(held, Date.now()));
    // What the dead one had sent may still arrive.
    if (outcome === 'applied') return;
  }
};

/** One import by importers in processes of their own, of which so many are killed on the way. */
const runImport = async (
  service: Embedded,
  environment: Readonly<Record<string, string>>,
  server: ExportServer,
  trusted: ReadonlySet<string>,
  source: SourceFiles,
  kills: number,
): Promise<Outcome> => {
  const grantedBefore = server.signIn.granted;
  const { documents } = service.clients;
  const imports = createDynamoDbImportStore(documents, service.resources.importsTable, randomIds);
  let usage: Usage = { peakBytes: 0, cpuMillis: 0, wallMillis: 0 };
  let child: ChildProcess | undefined;
  const startOne = (): void => {
    child = startProcess(processFile, environment);
    child.on('message', (message: Usage) => {
      if (message.peakBytes > usage.peakBytes) usage = message;
    });
  };
  startOne();
  await importTenant({ ...service.resources, documents, trusted }, tenant);
  const begun = performance.now();
  let killed = 0;
  let segments = 0;
  for (;;) {
    await delay(100);
    const held = await imports.read(restoreTenantId(tenant));
    if (held !== undefined && isTidy(held)) {
      const seconds = (performance.now() - begun) / 1000;
      await delay(500);
      if (child !== undefined) await endProcess(child, 'SIGTERM');
      const isEqual = held.state === 'DONE' && (await digestDataSet(service, held)) === source.sha256;
      const cpuSeconds = usage.cpuMillis / 1000;
      return {
        seconds,
        peakMegabytes: usage.peakBytes / 1e6,
        cpuSeconds,
        kills: killed,
        isEqual,
        tokens: server.signIn.granted - grantedBefore,
        over: held,
      };
    }
    if (performance.now() - begun > longestMillis) throw new Error(`the import is not over: ${held?.state}`);
    // One kill for each stretch of the way, at a moment that nobody chose.
    const stored = held?.segments.length ?? 0;
    if (killed < kills && stored > segments) {
      segments = stored + Math.floor(source.bytes / (64 * 1024 * 1024) / (kills + 2));
      await delay(Math.random() * 400);
      if (child !== undefined) await endProcess(child, 'SIGKILL');
      await endLease(imports);
      killed += 1;
      startOne();
    }
  }
};

const describe = (
  source: SourceFiles,
  { seconds, peakMegabytes, cpuSeconds, kills, isEqual, tokens, over }: Outcome,
): string => {
  const stored = over.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const episodes = over.segments.reduce((sum, { count }) => sum + count, 0);
  return (
    `${over.state}: ${episodes} episodes, ${(source.bytes / 1e6).toFixed(0)} MB in ${source.files.length} files, stored as ` +
    `${(stored / 1e6).toFixed(0)} MB in ${over.segments.length}; ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of processor, ` +
    `peak ${peakMegabytes.toFixed(0)} MB; killed ${kills} times, ${tokens} tokens of ${tokenSeconds} s; SHA-256 ${isEqual ? 'equal' : 'DIFFERENT'}`
  );
};

const bench = async (episodes: number, count: number, kills: number, pauseSeconds = 0): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'import-'));
  const certificate = await createSelfSignedCertificate(['127.0.0.1']);
  const service = await startEmbedded({ delivery: 'manual', samples: false, writeLog: () => {} });
  try {
    const source = writeSourceFiles(folder, episodes, count, cutOff);
    console.log(`source: ${episodes} episodes in ${count} files, ${(source.bytes / 1e6).toFixed(0)} MB`);
    const { files, counts } = source;
    const server = await startExportServer({
      certificate,
      client,
      files,
      counts,
      transactionTime: cutOff,
      tokenSeconds,
    });
    server.intercept = async (path) => {
      if (path.startsWith('/files/')) await delay(pauseSeconds * 1000);
      return false;
    };
    const trusted = new Set([server.host, new URL(service.issuer.url).host]);
    const signIn = { kind: 'client-secret', clientId: client.clientId, secret: 'bench', tokenUrl: server.tokenUrl };
    const record = {
      id: tenant,
      issuer: 'https://login.reporting.test/realms/other',
      audience: ['EHealth'],
      jwksUri: service.issuer.jwksUri(tenant),
      import: { kind: 'bulk-data', baseUrl: server.baseUrl, signIn },
    };
    await putTenant(service.clients.documents, service.resources.tenantsTable, record, trusted);
    const settings = service.functions.environment.importer;
    const Name = `${settings['IMPORT_SECRETS_PREFIX']}/${tenant}/bench`;
    await new SSMClient().send(new PutParameterCommand({ Name, Value: client.secret, Type: 'SecureString' }));
    const environment = {
      ...settings,
      TRUSTED_PRIVATE_HOSTS: [...trusted].join(','),
      EXPORT_CERTIFICATE: certificate.cert,
    };
    const undisturbed = await runImport(service, environment, server, trusted, source, 0);
    console.log(describe(source, undisturbed));
    const killed = kills === 0 ? [] : [await runImport(service, environment, server, trusted, source, kills)];
    for (const outcome of killed) console.log(describe(source, outcome));
    await server.stop();
    return [
      figure('peak-memory', 'MB', [undisturbed.peakMegabytes]),
      figure('seconds', 's', [undisturbed.seconds]),
      figure('different', '', [[undisturbed, ...killed].filter(({ isEqual }) => !isEqual).length]),
    ];
  } finally {
    await service.stop();
    await rm(folder, { recursive: true });
  }
};

/** What does an import cost, and what if its function is killed? */
export const importing: Experiment = {
  question:
    'How much time and memory does a large export take, and is the data set its equal, also when the importer is killed on the way?',
  options: {
    episodes: { type: 'string', default: '2000000' },
    files: { type: 'string', default: '20' },
    kills: { type: 'string', default: '10' },
    pause: { type: 'string', default: '0' },
  },
  optionLines: [
    '  --episodes  in the export',
    '  --files     that it has them in',
    '  --kills     of the importer, in the second import; 0: no second one',
    '  --pause     seconds that the server thinks before each file',
  ],
  run(call) {
    if (call.isQuick) return bench(60_000, 4, 2);
    const [episodes, files] = [readWholeOption(call, 'episodes'), readWholeOption(call, 'files')];
    return bench(episodes, files, readWholeOption(call, 'kills', 0), readWholeOption(call, 'pause', 0));
  },
};
