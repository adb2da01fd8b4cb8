import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { useEmulators } from '../../local/aws-environment.ts';
import { createBytesInput } from '../../local/data-set-input.ts';
import { loadDataSet } from '../../local/load-data-set.ts';
import { sampleCutOff } from '../../local/sample-tenants.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { endProcess, firstMessage, startProcess } from '../harness/helper-process.ts';
import { type LogTally, tallyLine } from './log-tally.ts';
import type { ApiReady, ApiTask, MemorySample, StoresReady } from './messages.ts';
import { soakTenants } from './settings.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

/** Everything that runs during a soak, each in a process of its own: the stores, the api with its issuer and dispatcher, the workers. */
export interface Stage {
  readonly api: ApiReady;
  readonly workers: WorkerPool;
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** The memory of the process with the api so far. */
  readonly memory: readonly MemorySample[];
  /** Warnings and errors of api and dispatcher. */
  readonly apiLog: LogTally;
  /** Replaces a tenant's data set by another invented one, as an operator would. */
  replaceDataSet(tenant: string, seed: number): Promise<void>;
  stop(): Promise<void>;
}

/** Enough that a user's list of jobs is read in pages, few enough that users meet themselves. */
const usersPerTenant = 6;

const load = async (s3: S3Client, api: ApiReady, tenant: string, text: string): Promise<void> => {
  const input = createBytesInput('EpisodeOfCare.ndjson.gz', gzipSync(text));
  await loadDataSet({ s3, bucket: api.resources.dataBucket }, restoreTenantId(tenant), [input], sampleCutOff);
};

const startApi = async (children: ChildProcess[], memory: MemorySample[], log: LogTally) => {
  const users = Object.keys(soakTenants).map((tenant) => [
    tenant,
    Array.from({ length: usersPerTenant }, () => randomUUID()),
  ]);
  const task = { users: Object.fromEntries(users) } satisfies ApiTask;
  const environment = { SOAK_TASK: JSON.stringify(task) };
  const child = startProcess(new URL('./api-process.ts', import.meta.url), environment, (line) => tallyLine(log, line));
  children.push(child);
  const ready = await firstMessage<ApiReady>(child);
  child.on('message', (sample: MemorySample) => memory.push(sample));
  return { child, ready };
};

const startAll = async (workers: number, children: ChildProcess[]): Promise<Stage> => {
  const stores = startProcess(new URL('./stores-process.ts', import.meta.url), {});
  children.push(stores);
  const { endpoints } = await firstMessage<StoresReady>(stores);
  useEmulators({ endpoints, selfContained: true });
  const memory: MemorySample[] = [];
  const apiLog: LogTally = new Map();
  const { child, ready: api } = await startApi(children, memory, apiLog);
  const clients = { dynamodb: new DynamoDBClient(), s3: new S3Client(), sqs: new SQSClient() };
  const { s3 } = clients;
  // Within a line, so that a load lets it pass: what is wrong there is the report's matter.
  await load(s3, api, 'broken', '{"resourceType":"EpisodeOfCare"}\n{"resourceType":"EpisodeOfCare","status":7}\n');
  const pool = startWorkerPool(workers, {
    ...api.workerEnvironment,
    SOAK_QUEUE_URL: api.resources.reportQueueUrl,
  });
  return {
    api,
    workers: pool,
    documents: DynamoDBDocumentClient.from(clients.dynamodb),
    s3,
    sqs: clients.sqs,
    memory,
    apiLog,
    async replaceDataSet(tenant, seed) {
      const count = soakTenants[tenant]?.episodes ?? 0;
      const lines = [...generateEpisodes({ count, seed, cutOff: sampleCutOff })];
      await load(s3, api, tenant, lines.map((line) => `${line}\n`).join(''));
    },
    async stop() {
      await pool.stop();
      await endProcess(child, 'SIGKILL');
      for (const client of Object.values(clients)) client.destroy();
      await endProcess(stores, 'SIGKILL');
    },
  };
};

/**
 * Starts everything. Everything listens on 127.0.0.1 only and keeps its state in memory.
 *
 * @throws whatever kept a part from starting; then nothing runs any more, else its processes would keep this one alive
 */
export const startStage = async (workers: number): Promise<Stage> => {
  const children: ChildProcess[] = [];
  try {
    return await startAll(workers, children);
  } catch (error) {
    await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
    throw error;
  }
};
