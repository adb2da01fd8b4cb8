import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { createStop } from './close-server.ts';
import { startObjectsAndQueues } from './objects-and-queues.ts';
import { startParameterStore } from './parameter-store.ts';

/** Where the four services of AWS are reached, as the SDK's own `AWS_ENDPOINT_URL_*` take it. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly s3: string;
  readonly sqs: string;
  readonly ssm: string;
}

/** Services under test or in use on this machine. */
export interface Emulators {
  readonly endpoints: Endpoints;
  /** `false` when at least one of the services was there before: then its region and credentials matter. */
  readonly selfContained: boolean;
  stop(): Promise<void>;
}

interface Service {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const startDynamoDb = async (stateFolder: string | undefined): Promise<Service> => {
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(stateFolder === undefined ? {} : { path: join(stateFolder, 'dynamodb') }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: createStop(server),
  };
};

/**
 * Starts what is not there yet: `dynalite` for DynamoDB, `fauxqs` for S3 and SQS, a stand-in of our own for
 * the Parameter Store, on free ports of 127.0.0.1. A service whose
 * `AWS_ENDPOINT_URL_*` is set already is used instead.
 *
 * @param stateFolder keeps tables, objects and messages over a restart; without it they are in memory
 */
export const startEmulators = async (
  environment: Readonly<Record<string, string | undefined>>,
  stateFolder?: string,
): Promise<Emulators> => {
  if (stateFolder !== undefined) await mkdir(stateFolder, { recursive: true });
  const given = (service: string) => environment[`AWS_ENDPOINT_URL_${service}`] || undefined;
  const [dynamodb, s3, sqs, ssm] = [given('DYNAMODB'), given('S3'), given('SQS'), given('SSM')];
  const tables = dynamodb === undefined ? await startDynamoDb(stateFolder) : undefined;
  const others = s3 === undefined || sqs === undefined ? await startObjectsAndQueues(stateFolder) : undefined;
  const parameters = ssm === undefined ? await startParameterStore(stateFolder) : undefined;
  return {
    endpoints: {
      dynamodb: dynamodb ?? tables?.endpoint ?? '',
      s3: s3 ?? others?.endpoint ?? '',
      sqs: sqs ?? others?.endpoint ?? '',
      ssm: ssm ?? parameters?.endpoint ?? '',
    },
    selfContained: [dynamodb, s3, sqs, ssm].every((service) => service === undefined),
    stop: async () => {
      await Promise.all([tables?.stop(), others?.stop(), parameters?.stop()]);
    },
  };
};
