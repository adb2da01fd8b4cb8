import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { endProcess, firstMessage, startProcess } from '../harness/helper-process.ts';

/** What the process with the services says once they listen. */
export interface StandInReady {
  /** PEM of the authorities that have to be trusted. */
  readonly authorities: string;
  /** Where each of the five servers answers a GET, for peers that do nothing but call them. */
  readonly urls: Readonly<Record<'dynamodb' | 'issuer' | 's3' | 'sqs' | 'logs', string>>;
  /** The api's environment, with the endpoints of the services. */
  readonly environment: Readonly<Record<string, string>>;
  /** An order with a good token; it can be sent as often as one likes. */
  readonly event: APIGatewayProxyEventV2;
}

/** Services that run elsewhere, and what a function needs to reach them. */
export interface StandIn {
  /** A folder for what is built and written; gone after `stop`. */
  readonly folder: string;
  /** Of the api in Lambda: its settings, the SDK's variables, the runtime's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly urls: StandInReady['urls'];
  /** A file with the event of an order. */
  readonly eventFile: string;
  stop(): Promise<void>;
}

/** What Lambda sets by itself, as far as anything reads it; the credentials are those of nobody. */
const lambdaEnvironment = {
  AWS_REGION: 'eu-north-1',
  AWS_DEFAULT_REGION: 'eu-north-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: 'api',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
};

/** Starts DynamoDB, S3, SQS, CloudWatch Logs and an issuer, each behind TLS of its own, in another process. */
export const startStandIn = async (): Promise<StandIn> => {
  const folder = await mkdtemp(join(tmpdir(), 'cold-'));
  const child = startProcess(new URL('./stand-in-process.ts', import.meta.url), {});
  const { authorities, urls, environment, event } = await firstMessage<StandInReady>(child);
  const [authorityFile, eventFile] = [join(folder, 'authorities.pem'), join(folder, 'event.json')];
  await writeFile(authorityFile, authorities);
  await writeFile(eventFile, JSON.stringify(event));
  return {
    folder,
    eventFile,
    urls,
    environment: { ...lambdaEnvironment, ...environment, NODE_EXTRA_CA_CERTS: authorityFile },
    stop: async () => {
      await endProcess(child, 'SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
};
