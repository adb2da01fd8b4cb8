import type { Context } from 'aws-lambda';
import { readApiConfig } from '../functions/api/config.ts';
import { type ApiHandler, createApiHandler } from '../functions/api/create-api-handler.ts';
import { createApiDependencies } from '../functions/api/dependencies.ts';
import type { AuditLog } from '../functions/audit/audit-log.ts';
import { readAuditorConfig } from '../functions/auditor/config.ts';
import { createAuditorHandler } from '../functions/auditor/create-auditor-handler.ts';
import { createAuditorDependencies } from '../functions/auditor/dependencies.ts';
import { readCleanerConfig } from '../functions/cleaner/config.ts';
import { createCleanerHandler } from '../functions/cleaner/create-cleaner-handler.ts';
import { createCleanerDependencies } from '../functions/cleaner/dependencies.ts';
import { readDispatcherConfig } from '../functions/dispatcher/config.ts';
import { createDispatcherHandler } from '../functions/dispatcher/create-dispatcher-handler.ts';
import { createDispatcherDependencies } from '../functions/dispatcher/dependencies.ts';
import { readImporterConfig } from '../functions/importer/config.ts';
import { createImporterHandler, type ImporterHandler } from '../functions/importer/create-importer-handler.ts';
import { createImporterDependencies } from '../functions/importer/dependencies.ts';
import { readWorkerConfig } from '../functions/worker/config.ts';
import { createWorkerHandler, type WorkerHandler } from '../functions/worker/create-worker-handler.ts';
import { createWorkerDependencies } from '../functions/worker/dependencies.ts';
import { localRegion } from './aws-environment.ts';
import type { FunctionTemplate, InfraTemplate } from './infra-template.ts';
import { createLambdaContext } from './lambda-context.ts';
import { resolveTemplate, type TemplateScope } from './resolve-template.ts';

/** The name of a function in `infra/functions/`. */
export type FunctionName = keyof InfraTemplate['functions'];

/** Settings that replace those of `infra/functions/*.yml`, by function. */
export type Settings = { readonly [Name in FunctionName]?: Readonly<Record<string, string>> };

/** The functions, each called with an event as Lambda would. */
export interface RunningFunctions {
  readonly api: (event: Parameters<ApiHandler>[0]) => ReturnType<ApiHandler>;
  readonly worker: (event: Parameters<WorkerHandler>[0]) => ReturnType<WorkerHandler>;
  readonly dispatcher: () => Promise<void>;
  readonly cleaner: (event?: unknown) => Promise<void>;
  readonly auditor: () => Promise<void>;
  /** Without an event: a tick. */
  readonly importer: (event?: unknown) => ReturnType<ImporterHandler>;
  /** The environment that each was given. */
  readonly environment: Readonly<Record<FunctionName, Readonly<Record<string, string>>>>;
}

const resolveEnvironment = (
  { environment, memorySize }: FunctionTemplate,
  scope: TemplateScope,
  settings: Readonly<Record<string, string>> | undefined,
): Record<string, string> => {
  const resolved = Object.entries(resolveTemplate(environment, scope) as Record<string, string | number>);
  // A parameter may be a number; a variable is a text.
  const given = Object.fromEntries(resolved.map(([name, value]) => [name, String(value)]));
  // Lambda sets these by itself.
  const own = {
    AWS_REGION: process.env['AWS_REGION'] ?? localRegion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
  };
  return { ...own, ...given, ...settings };
};

/**
 * Starts the functions as `functions/<name>/handler.ts` does, each with the environment that `infra/functions/` gives it. The
 * AWS SDK finds its services through its own environment variables, so those have to be set.
 *
 * @param writeLog takes the functions' log, one line of JSON at a time
 * @param audit takes the place of CloudWatch, which has no emulator here
 * @throws ConfigError when `infra/` and a function's settings do not fit
 */
export const startFunctions = (
  { functions }: InfraTemplate,
  scope: TemplateScope,
  settings: Settings,
  writeLog: (line: string) => void,
  audit: AuditLog,
): RunningFunctions => {
  const environment = {
    api: resolveEnvironment(functions.api, scope, settings.api),
    worker: resolveEnvironment(functions.worker, scope, settings.worker),
    dispatcher: resolveEnvironment(functions.dispatcher, scope, settings.dispatcher),
    cleaner: resolveEnvironment(functions.cleaner, scope, settings.cleaner),
    importer: resolveEnvironment(functions.importer, scope, settings.importer),
    auditor: resolveEnvironment(functions.auditor, scope, settings.auditor),
  };
  const api = createApiHandler({
    ...createApiDependencies(readApiConfig(environment.api), writeLog),
    audit,
  });
  const worker = createWorkerHandler(createWorkerDependencies(readWorkerConfig(environment.worker), writeLog));
  const dispatcher = createDispatcherHandler(
    createDispatcherDependencies(readDispatcherConfig(environment.dispatcher), writeLog),
  );
  const cleaner = createCleanerHandler(createCleanerDependencies(readCleanerConfig(environment.cleaner), writeLog));
  const importer = createImporterHandler(
    createImporterDependencies(readImporterConfig(environment.importer), writeLog),
  );
  const auditor = createAuditorHandler(createAuditorDependencies(readAuditorConfig(environment.auditor), writeLog));
  const contextOf = (name: FunctionName): Context => createLambdaContext(`local-${name}`, functions[name]);
  return {
    api: (event) => api(event, contextOf('api')),
    worker: (event) => worker(event, contextOf('worker')),
    dispatcher: () => dispatcher({}),
    cleaner: (event = {}) => cleaner(event, contextOf('cleaner')),
    auditor: () => auditor({}, contextOf('auditor')),
    importer: (event = {}) => importer(event, contextOf('importer')),
    environment,
  };
};
