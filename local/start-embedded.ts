import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { putTenant } from '../functions/auth/dynamodb-tenant-registry.ts';
import { createLineAuditLog, createLineFile } from './audit-file.ts';
import { useEmulators } from './aws-environment.ts';
import { createResources } from './create-resources.ts';
import { readEventSource, readTickSeconds } from './event-sources.ts';
import { startHttpFront } from './http-front.ts';
import { type InfraTemplate, readInfraTemplate } from './infra-template.ts';
import { openRealms } from './issuer-realms.ts';
import { startQueuePoller } from './queue-poller.ts';
import type { TemplateScope } from './resolve-template.ts';
import { startSampleExport } from './sample-export.ts';
import { loadSample, type SampleTenant, sampleTenants } from './sample-tenants.ts';
import { type Endpoints, startEmulators } from './start-emulators.ts';
import { type RunningFunctions, type Settings, startFunctions } from './start-functions.ts';
import { startTicker } from './ticker.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';
import { trustCertificate } from './trust-certificate.ts';

/** How the embedded runtime is to be started. */
export interface EmbeddedOptions {
  /** Of the HTTP front; 0, the default, for a free one. */
  readonly port?: number;
  /** A folder that keeps tables, objects, messages and the issuer's keys over a restart. Default: all in memory. */
  readonly stateFolder?: string;
  /** By id. Default: the two sample tenants. */
  readonly tenants?: Readonly<Record<string, SampleTenant>>;
  /** Without sample data sets, tenants have none until one is loaded. Default true. */
  readonly samples?: boolean;
  /** `manual`: no message is delivered and no tick happens by itself; the functions are called by hand. Default `automatic`. */
  readonly delivery?: 'automatic' | 'manual';
  /** Settings that replace those of `infra/functions/*.yml`. */
  readonly settings?: Settings;
  /** Takes the functions' log, one line of JSON at a time. Default: stdout. */
  readonly writeLog?: (line: string) => void;
  /** Takes the audit events, one line of JSON at a time. Default: the file `audit.ndjson` in `stateFolder`; without one, nowhere. */
  readonly writeAudit?: (line: string) => void;
}

/** The running embedded runtime. */
export interface Embedded {
  /** `http://127.0.0.1:<port>/fhir`. */
  readonly baseUrl: string;
  readonly tenants: readonly string[];
  readonly endpoints: Endpoints;
  /** Whether all services are emulators of its own. */
  readonly selfContained: boolean;
  readonly issuer: TokenIssuer;
  /** The functions themselves, to be called without HTTP, queue or tick. */
  readonly functions: RunningFunctions;
  /** Physical names of the resources. */
  readonly resources: {
    readonly jobsTable: string;
    readonly tenantsTable: string;
    readonly contentBucket: string;
    readonly dataBucket: string;
    readonly reportQueueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly importsTable: string;
  };
  readonly clients: {
    readonly documents: DynamoDBDocumentClient;
    readonly s3: S3Client;
    readonly sqs: SQSClient;
  };
  /** Stops everything, last started first; what is being worked on is waited for. */
  stop(): Promise<void>;
}

type Stop = () => unknown;

/** Last started, first stopped; one that fails keeps the others from nothing. */
const stopAll = async (stops: readonly Stop[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the embedded runtime did not stop in good order');
};

const writeToStdout = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** The services that the functions need: issuer, emulators, and the SDK's variables that point at them. */
const startServices = async ({ stateFolder, tenants = sampleTenants }: EmbeddedOptions, stops: Stop[]) => {
  const issuer = await startTokenIssuer(await openRealms(tenants, stateFolder));
  stops.push(issuer.stop, trustCertificate(issuer.certificate));
  const sampleExport = await startSampleExport();
  stops.push(sampleExport.stop, trustCertificate(sampleExport.certificate));
  const emulators = await startEmulators(process.env, stateFolder);
  stops.push(emulators.stop, useEmulators(emulators));
  const clients = { dynamodb: new DynamoDBClient(), s3: new S3Client(), sqs: new SQSClient() };
  stops.push(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  return {
    issuer,
    sampleExport,
    emulators,
    ...clients,
    documents: DynamoDBDocumentClient.from(clients.dynamodb),
  };
};

type Services = Awaited<ReturnType<typeof startServices>>;

const nameResources = ({ ref }: TemplateScope): Embedded['resources'] => ({
  jobsTable: ref('JobsTable'),
  tenantsTable: ref('TenantsTable'),
  contentBucket: ref('ContentBucket'),
  dataBucket: ref('DataBucket'),
  reportQueueUrl: ref('ReportQueue'),
  deadLetterQueueUrl: ref('ReportDeadLetterQueue'),
  importsTable: ref('ImportsTable'),
});

/** Whose data sets can come from the sample export server. */
const importingTenant = 'demo';

/** Writes the sample tenants to the registry as an operator would, and gives them their data sets. */
const addTenants = async (
  services: Services,
  resources: Embedded['resources'],
  { samples = true, tenants = sampleTenants }: EmbeddedOptions,
): Promise<void> => {
  const { issuer, sampleExport, documents, s3 } = services;
  for (const [id, sample] of Object.entries(tenants)) {
    const { audience, openJobs } = sample;
    const limits = openJobs === undefined ? {} : { openJobs };
    const record = { id, issuer: sample.issuer, audience: [audience], jwksUri: issuer.jwksUri(id), ...limits };
    const source = id === importingTenant ? { import: sampleExport.source } : {};
    const trusted = new Set([issuer.host, sampleExport.server.host]);
    await putTenant(documents, resources.tenantsTable, { ...record, ...source }, trusted);
    if (samples) await loadSample({ s3, bucket: resources.dataBucket }, id, sample);
  }
};

const startDelivery = (
  template: InfraTemplate,
  scope: TemplateScope,
  sqs: SQSClient,
  functions: RunningFunctions,
): Stop => {
  const onError = (error: unknown) => console.error('local:', error);
  const poll = (name: 'worker' | 'importer', queue: string) =>
    startQueuePoller({
      ...readEventSource(template.functions[name], scope),
      sqs,
      queueUrl: scope.ref(queue),
      invoke: async (event) => (await functions[name](event)) ?? { batchItemFailures: [] },
      onError,
    });
  const pollers = [poll('worker', 'ReportQueue'), poll('importer', 'ImportQueue')];
  const tickers = (['dispatcher', 'cleaner', 'importer', 'auditor'] as const).map((name) =>
    startTicker(readTickSeconds(template.functions[name]), async () => void (await functions[name]()), onError),
  );
  return () => Promise.all([...pollers, ...tickers].map((one) => one.stop()));
};

const startParts = async (options: EmbeddedOptions, stops: Stop[]): Promise<Omit<Embedded, 'stop'>> => {
  const template = await readInfraTemplate();
  const front = await startHttpFront(options.port ?? 0);
  stops.push(front.stop);
  const baseUrl = `${front.url}/fhir`;
  const services = await startServices(options, stops);
  const { issuer, sampleExport, emulators, documents, s3, sqs } = services;
  const { endpoints, selfContained } = emulators;
  const parameters = {
    ...template.parameters,
    stage: 'local',
    baseUrl,
    trustedPrivateHosts: `${issuer.host},${sampleExport.server.host}`,
  };
  const scope = await createResources({ ...services, sqsEndpoint: endpoints.sqs }, template, parameters);
  const resources = nameResources(scope);
  await addTenants(services, resources, options);
  const audit = createLineAuditLog(options.writeAudit ?? createLineFile(options.stateFolder));
  const writeLog = options.writeLog ?? writeToStdout;
  const functions = startFunctions(template, scope, options.settings ?? {}, writeLog, audit);
  await sampleExport.giveKey(functions.environment.importer['IMPORT_SECRETS_PREFIX'] ?? '', importingTenant);
  front.serve(functions.api);
  if (options.delivery !== 'manual') stops.push(startDelivery(template, scope, sqs, functions));
  // Last in, first out: no request comes in any more while the rest is stopped.
  stops.push(front.stop);
  const tenants = Object.keys(options.tenants ?? sampleTenants);
  return { baseUrl, tenants, endpoints, selfContained, issuer, functions, resources, clients: { documents, s3, sqs } };
};

let isRunning = false;

/**
 * Starts the whole service in this process, without Docker, Java or an AWS account: DynamoDB, S3 and SQS as emulators, a token
 * issuer, the HTTP front, the functions, the event source of the queue and the ticks. Tables, buckets, queues and the
 * functions' settings come from `infra/`. Everything listens on 127.0.0.1 only.
 *
 * While it runs, the SDK's environment variables point at it and the issuer's certificate is trusted by the process; `stop()` puts
 * both back. One at a time in a process, any number in several.
 *
 * @throws Error with code `EADDRINUSE` when the port is taken; nothing is left running when it rejects
 */
export const startEmbedded = async (options: EmbeddedOptions = {}): Promise<Embedded> => {
  if (isRunning) throw new Error('the embedded runtime runs in this process already');
  isRunning = true;
  const stops: Stop[] = [
    () => {
      isRunning = false;
    },
  ];
  const stop = async (): Promise<void> => stopAll(stops.splice(0));
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
