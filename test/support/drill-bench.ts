import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { vi } from 'vitest';
import { readApiConfig } from '../../functions/api/config.ts';
import { createApiHandler } from '../../functions/api/create-api-handler.ts';
import { type ApiDependencies, createApiDependencies } from '../../functions/api/dependencies.ts';
import { readAuditorConfig } from '../../functions/auditor/config.ts';
import { createAuditorHandler } from '../../functions/auditor/create-auditor-handler.ts';
import { createAuditorDependencies } from '../../functions/auditor/dependencies.ts';
import { readCleanerConfig } from '../../functions/cleaner/config.ts';
import { createCleanerHandler } from '../../functions/cleaner/create-cleaner-handler.ts';
import { createCleanerDependencies } from '../../functions/cleaner/dependencies.ts';
import { readDispatcherConfig } from '../../functions/dispatcher/config.ts';
import { createDispatcherHandler } from '../../functions/dispatcher/create-dispatcher-handler.ts';
import { createDispatcherDependencies } from '../../functions/dispatcher/dependencies.ts';
import { readImporterConfig } from '../../functions/importer/config.ts';
import { createImporterHandler } from '../../functions/importer/create-importer-handler.ts';
import { createImporterDependencies } from '../../functions/importer/dependencies.ts';
import { readWorkerConfig } from '../../functions/worker/config.ts';
import { createWorkerHandler } from '../../functions/worker/create-worker-handler.ts';
import { createWorkerDependencies } from '../../functions/worker/dependencies.ts';
import { startHttpFront } from '../../local/http-front.ts';
import { createLambdaContext } from '../../local/lambda-context.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { startLambdaCounter } from './count-invocations.ts';
import { type FeedingQueue, openDrillQueues, type UnreadQueue } from './drill-queues.ts';
import { createFhirClient, type FhirClient } from './fhir-client.ts';
import { type MetricPoint, readMetricPoints } from './metric-points.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Makes a function as Lambda's init does, with the environment of `infra/` and what a fault changes in it. */
export interface Starts {
  api(
    changes?: Environment,
    own?: (plain: ApiDependencies) => Partial<ApiDependencies>,
  ): ReturnType<typeof createApiHandler>;
  worker(changes?: Environment): ReturnType<typeof createWorkerHandler>;
  dispatcher(changes?: Environment): ReturnType<typeof createDispatcherHandler>;
  cleaner(changes?: Environment): ReturnType<typeof createCleanerHandler>;
  auditor(changes?: Environment): ReturnType<typeof createAuditorHandler>;
  importer(changes?: Environment): ReturnType<typeof createImporterHandler>;
}

/** The embedded runtime under a clock of the test's own, with what CloudWatch would know of it. */
export interface DrillBench {
  readonly service: Embedded;
  /** Of the log lines of all functions, and what Lambda, the gateway and SQS count. */
  readonly points: MetricPoint[];
  readonly starts: Starts;
  now(): number;
  /** Lets time pass for everything in this process. */
  advance(milliseconds: number): void;
  /** A client at the gateway, with a fresh token of `demo`. */
  client(wish?: Parameters<typeof createFhirClient>[1]): Promise<FhirClient>;
  /** From now on the gateway calls this api; without, the running one. */
  serve(api?: () => ReturnType<Starts['api']>): void;
  /** Runs of the functions as Lambda's invoker counts them; a run that fails is no error of the caller. */
  work(event: SQSEvent, start?: () => ReturnType<Starts['worker']>): Promise<void>;
  tick(start?: () => ReturnType<Starts['dispatcher']>): Promise<void>;
  clean(start?: () => ReturnType<Starts['cleaner']>): Promise<void>;
  audit(start?: () => ReturnType<Starts['auditor']>): Promise<void>;
  import(start: () => ReturnType<Starts['importer']>): Promise<void>;
  /** Reads the messages of the report queue, and counts as SQS does how old the oldest is. */
  watchQueue(): Promise<readonly Message[]>;
  /** Puts a message into a queue: as Lambda does of a run that failed, or somebody else. */
  send(queue: FeedingQueue | UnreadQueue, body: string): Promise<void>;
  /** Delivers the messages of a queue to its function, once each. */
  deliver(queue: FeedingQueue): Promise<void>;
  /** Counts, as SQS does, what is in a queue that no function reads. */
  watchUnread(queue: UnreadQueue): Promise<void>;
  stop(): Promise<void>;
}

const context = createLambdaContext('drill', { timeout: 300, memorySize: 512 });

const createStarts = ({ functions: { environment } }: Embedded, writeLog: (line: string) => void): Starts => ({
  api(changes = {}, own = () => ({})) {
    const plain = createApiDependencies(readApiConfig({ ...environment.api, ...changes }), writeLog);
    return createApiHandler({ ...plain, audit: { write: async () => {} }, ...own(plain) });
  },
  worker: (changes = {}) =>
    createWorkerHandler(createWorkerDependencies(readWorkerConfig({ ...environment.worker, ...changes }), writeLog)),
  dispatcher: (changes = {}) =>
    createDispatcherHandler(
      createDispatcherDependencies(readDispatcherConfig({ ...environment.dispatcher, ...changes }), writeLog),
    ),
  cleaner: (changes = {}) =>
    createCleanerHandler(
      createCleanerDependencies(readCleanerConfig({ ...environment.cleaner, ...changes }), writeLog),
    ),
  auditor: (changes = {}) =>
    createAuditorHandler(
      createAuditorDependencies(readAuditorConfig({ ...environment.auditor, ...changes }), writeLog),
    ),
  importer: (changes = {}) =>
    createImporterHandler(
      createImporterDependencies(readImporterConfig({ ...environment.importer, ...changes }), writeLog),
    ),
});

/** Starts everything at a fixed time; no message is delivered and no tick happens by itself. */
export const startDrillBench = async (begin: number): Promise<DrillBench> => {
  vi.useFakeTimers({ toFake: ['Date'], now: begin });
  const points: MetricPoint[] = [];
  const writeLog = (line: string) => void points.push(...readMetricPoints(line));
  const service = await startEmbedded({ delivery: 'manual', samples: false, writeLog });
  const { functions, resources, clients } = service;
  const starts = createStarts(service, writeLog);
  const lambda = startLambdaCounter(points);
  const queues = openDrillQueues(service);
  const front = await startHttpFront(0);
  const serve: DrillBench['serve'] = (api = () => (event) => functions.api(event)) => {
    let handler: ReturnType<Starts['api']> | undefined;
    front.serve((event) =>
      lambda.invoke('api', () => {
        handler ??= api();
        return handler(event, context);
      }),
    );
  };
  serve();
  const count = (namespace: string, name: string, dimensions: Record<string, string>, value: number, unit = 'Count') =>
    points.push({ namespace, name, unit, dimensions, value, at: Date.now() });
  return {
    service,
    points,
    starts,
    serve,
    now: () => Date.now(),
    advance: (milliseconds) => void vi.setSystemTime(Date.now() + milliseconds),
    async client(wish) {
      const client = await createFhirClient({ ...service, baseUrl: `${front.url}/fhir` }, wish);
      const call: FhirClient['call'] = async (...request) => {
        const response = await client.call(...request);
        if (response.status >= 500) count('AWS/ApiGateway', '5xx', { ApiId: 'HttpApi' }, 1);
        return response;
      };
      return { ...client, call };
    },
    work: (event, start = starts.worker) => lambda.run('worker', () => start()(event, context)),
    tick: (start) => lambda.run('dispatcher', () => (start === undefined ? functions.dispatcher() : start()({}))),
    clean: (start) => lambda.run('cleaner', () => (start === undefined ? functions.cleaner() : start()({}, context))),
    audit: (start) => lambda.run('auditor', () => (start === undefined ? functions.auditor() : start()({}, context))),
    import: (start) => lambda.run('importer', async () => start()({}, context)),
    async watchQueue() {
      const request = { QueueUrl: resources.reportQueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
      const command = new ReceiveMessageCommand({ ...request, MessageSystemAttributeNames: ['SentTimestamp'] });
      const { Messages = [] } = await clients.sqs.send(command);
      const sent = Messages.map(({ Attributes }) => Number(Attributes?.SentTimestamp));
      const age = sent.length === 0 ? 0 : (Date.now() - Math.min(...sent)) / 1000;
      count('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: 'ReportQueue.QueueName' }, age, 'Seconds');
      return Messages;
    },
    send: queues.send,
    deliver: (queue) =>
      queues.deliver(queue, (event) => {
        const name = queue === 'ImportQueue' ? 'importer' : 'worker';
        const call = (): Promise<SQSBatchResponse | undefined> => starts[name]()(event, context);
        // A run that failed is done with nothing.
        return lambda.invoke(name, call).catch(() => ({ batchItemFailures: [{ itemIdentifier: '' }] }));
      }),
    async watchUnread(queue) {
      const waiting = await queues.countWaiting(queue);
      count('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: `${queue}.QueueName` }, waiting);
    },
    async stop() {
      await front.stop();
      await service.stop();
      vi.useRealTimers();
    },
  };
};
