import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { answerRequest } from '../../functions/api/answer-request.ts';
import { type ApiRequest, readApiRequest } from '../../functions/api/api-request.ts';
import type { ApiResponse } from '../../functions/api/api-response.ts';
import { readApiConfig } from '../../functions/api/config.ts';
import { createRecentPaces } from '../../functions/api/recent-paces.ts';
import { createRoutes } from '../../functions/api/routes.ts';
import type { TenantRegistry } from '../../functions/auth/tenant-registry.ts';
import type { TokenVerifier } from '../../functions/auth/verify-token.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createS3BinaryEraser } from '../../functions/binaries/s3-binary-eraser.ts';
import { createS3BinaryInventory } from '../../functions/binaries/s3-binary-inventory.ts';
import { readCleanerConfig } from '../../functions/cleaner/config.ts';
import { type CleanerHandler, createCleanerHandler } from '../../functions/cleaner/create-cleaner-handler.ts';
import { readDispatcherConfig } from '../../functions/dispatcher/config.ts';
import {
  createDispatcherHandler,
  type DispatcherHandler,
} from '../../functions/dispatcher/create-dispatcher-handler.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { toErrorResponse, toServiceError } from '../../functions/fhir/operation-outcome.ts';
import { createDynamoDbJobList } from '../../functions/jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createDynamoDbOpenJobIndex } from '../../functions/jobs/dynamodb-open-job-index.ts';
import { createDynamoDbReportPaceStore } from '../../functions/jobs/dynamodb-report-pace.ts';
import { createSqsDeadLetters } from '../../functions/jobs/sqs-dead-letters.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { createS3SummaryStore } from '../../functions/reports/s3-summary-store.ts';
import { readWorkerConfig } from '../../functions/worker/config.ts';
import { createWorkerHandler, type WorkerHandler } from '../../functions/worker/create-worker-handler.ts';
import { createImportReader } from './imports/simulated-importer.ts';
import { createNightImports } from './night-imports.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { createContentS3, createDataS3, createDocuments, createSqs } from './simulated-sdk.ts';
import type { Variant } from './variant.ts';
import type { World } from './world.ts';

const table = 'jobs';
const bucket = 'bucket';
const baseUrl = 'https://reporting.example/fhir';

const names = {
  STAGE: 'simulated',
  JOBS_TABLE: table,
  IMPORTS_TABLE: 'imports',
  AWS_REGION: 'eu-north-1',
  TENANTS_TABLE: 'tenants',
  CONTENT_BUCKET: bucket,
  DATA_BUCKET: bucket,
  REPORT_QUEUE_URL: 'queue',
  DEAD_LETTER_QUEUE_URL: 'dead-letters',
  AUDIT_LOG_GROUP: 'audit',
  AUDIT_LOG_STREAM: 'audit',
  BASE_URL: baseUrl,
};
/** Settings of the functions, as their configuration reads them. */
const readSettings = (own: Readonly<Record<string, string>>) => {
  const environment = { ...names, ...own };
  const api = readApiConfig(environment);
  const worker = readWorkerConfig(environment);
  const dispatcher = readDispatcherConfig(environment);
  return { api, worker, dispatcher };
};

/** The settings that runs are made with: the defaults, and some with which an order has to end within five minutes. */
export const settings = {
  usual: readSettings({}),
  hasty: readSettings({ EXECUTE_DEADLINE_SECONDS: '300', DEADLINE_MARGIN_SECONDS: '120' }),
} as const;

/** The cleaner's age of orders, in milliseconds. */
export const { orphanAge } = readCleanerConfig(names);

/** One container's adapters: the real ones, over stores in memory. */
const createAdapters = (process: SimulatedProcess, world: World, variant: Variant) => {
  const documents = createDocuments(process, world.table, variant);
  const logger = world.loggerOf(process);
  const jobs = createDynamoDbJobStore(documents, table);
  const sqs = createSqs(process, world.queue, variant);
  const s3 = createContentS3(process, world.content, variant);
  return {
    logger,
    clock: process.clock,
    ids: process.ids,
    timers: process.timers,
    jobs: { ...(variant.jobs?.(jobs, documents) ?? jobs), ...createDynamoDbJobList(documents, table, logger) },
    openJobs: createDynamoDbOpenJobIndex(documents, table, logger),
    pace: createDynamoDbReportPaceStore(documents, table),
    content: createS3BinaryContent(s3, bucket),
    summaries: createS3SummaryStore(s3, bucket),
    eraser: createS3BinaryEraser(s3, bucket),
    dataSets: createS3DataSetSource(createDataS3(process, world.data, variant), bucket),
    queue: createSqsJobQueue(sqs, 'queue'),
    deadLetters: createSqsDeadLetters(sqs, 'dead-letters'),
  };
};

/** Answers one request below the middlewares; resolves in any case. */
export type Api = (
  event: APIGatewayProxyEventV2,
) => Promise<{ readonly request: ApiRequest; readonly response: ApiResponse }>;

/** The api gives up by itself after this long, in milliseconds, as functions/api/create-api-handler.ts has it. */
const answerAfter = 25_000;

/** The api in a container. Middlewares are left out: they would set real timers. Its time-out is here instead. */
export const createApi = (process: SimulatedProcess, world: World, variant: Variant, verifier: TokenVerifier): Api => {
  const adapters = createAdapters(process, world, variant);
  const config = settings[world.plan.settings].api;
  const plain = {
    ...adapters,
    paces: createRecentPaces({ ...adapters, store: adapters.pace }),
    verifier,
    baseUrl,
    rules: config,
    executeDeadline: config.executeDeadline,
    retention: config.retention,
  };
  const dependencies = variant.api?.(plain, { process, world }) ?? plain;
  const answer = answerRequest(dependencies.verifier, createRoutes(dependencies));
  return async (event) => {
    const request = readApiRequest(event, '/fhir', process.ids);
    const controller = new AbortController();
    const tooLate = new Promise<never>((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(new ServiceError('GENERAL_TIMEOUT')), { once: true });
    });
    const stop = process.timers.after(answerAfter, () => controller.abort(new ServiceError('GENERAL_TIMEOUT')));
    try {
      const response = await Promise.race([answer(request, controller.signal), tooLate]);
      await response.meanwhile;
      return { request, response };
    } catch (error) {
      const { status, headers, body } = toErrorResponse(toServiceError(error));
      return { request, response: { status, headers, body: { kind: 'resource', resource: body } } };
    } finally {
      stop();
    }
  };
};

const createTenantPort = (process: SimulatedProcess, tenants: TenantRegistry): TenantRegistry => ({
  ...tenants,
  async byId(id) {
    try {
      return await process.call({ service: 'tenants', operation: 'byId' }, () => tenants.byId(id));
    } catch {
      throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'tenants' });
    }
  },
});

/** The worker in a container. */
export const createWorker = (
  process: SimulatedProcess,
  world: World,
  variant: Variant,
  tenants: TenantRegistry,
): WorkerHandler => {
  const plain = {
    ...createAdapters(process, world, variant),
    tenants: createTenantPort(process, tenants),
    rules: settings[world.plan.settings].worker,
  };
  return createWorkerHandler(variant.worker?.(plain, { process, world }) ?? plain);
};

/** What a Lambda tells a function of its time. */
export const lambdaContext = (now: () => number, timeout: number): Context => {
  const begun = now();
  return { getRemainingTimeInMillis: () => begun + timeout - now() } as Context;
};

/** What an operator's command works with. */
export const createOperator = (process: SimulatedProcess, world: World, variant: Variant) => ({
  ...createAdapters(process, world, variant),
  now: process.clock.now,
});

/** The cleaner in a container. */
export const createCleaner = (process: SimulatedProcess, world: World, variant: Variant): CleanerHandler => {
  const inventory = createS3BinaryInventory(createContentS3(process, world.content, variant), bucket);
  const { jobs, clock, ids, logger } = createAdapters(process, world, variant);
  const plain = { inventory, jobs, clock, ids, logger, orphanAge };
  return createCleanerHandler(variant.cleaner?.(plain) ?? plain);
};

/** The dispatcher in a container. */
export const createDispatcher = (process: SimulatedProcess, world: World, variant: Variant): DispatcherHandler => {
  const rules = settings[world.plan.settings].dispatcher;
  const plain = {
    ...createAdapters(process, world, variant),
    // Only reads, for a metric, and never rejects: in a run it would be eight calls a tick more that decide nothing.
    backlog: { listOpen: async () => [] },
    imports:
      world.plan.imports === undefined
        ? createNightImports(world.plan.start, process.clock)
        : createImportReader(process, world, variant),
    rules,
    jobsPerTick: rules.jobsPerTick,
  };
  return createDispatcherHandler(variant.dispatcher?.(plain, { process, world }) ?? plain);
};
