import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { clientSettings, documentSettings, streamingClientSettings } from '../../functions/platform/client-settings.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type Stores, startStores } from './start-stores.ts';

/** Clients that reach the emulators through the proxies. */
export interface FaultyClients {
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  /** With the settings for data sets. */
  readonly streamingS3: S3Client;
  readonly sqs: SQSClient;
}

/** The emulators with a proxy before each. */
export interface FaultyStores {
  /** The same emulators without a proxy, to see what is there. */
  readonly direct: Stores;
  readonly proxies: { readonly dynamodb: FaultProxy; readonly s3: FaultProxy; readonly sqs: FaultProxy };
  /**
   * New clients with the product's own settings, retries above all. New for each test: a client that has failed for a while gives
   * up retrying (the SDK's retry quota).
   *
   * @param patience all time-outs in milliseconds, for faults that are a silence; default: the product's
   */
  connect(patience?: number): FaultyClients;
  /** Takes all faults away and lets go of all clients. */
  heal(): void;
  stop(): Promise<void>;
}

const common = { region: 'eu-north-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

type Settings = typeof clientSettings | typeof streamingClientSettings;

/** The product's settings, each of its time-outs shortened to the patience given; one that it does not have is not added. */
const shorten = (settings: Settings, patience: number | undefined): object => {
  if (patience === undefined) return settings;
  const times = Object.entries(settings.requestHandler).map(([name, value]) => [
    name,
    typeof value === 'number' ? patience : value,
  ]);
  return { ...settings, requestHandler: Object.fromEntries(times) };
};

/** Starts emulators and proxies. The SDK's pause before a retry, a random part of some time, is the least that it can be: none. */
export const startFaultyStores = async (): Promise<FaultyStores> => {
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0);
  const direct = await startStores();
  const proxies = {
    dynamodb: await startFaultProxy(direct.endpoints.dynamodb),
    s3: await startFaultProxy(direct.endpoints.s3),
    sqs: await startFaultProxy(direct.endpoints.sqs),
  };
  let clients: { destroy(): void }[] = [];
  const heal = () => {
    for (const proxy of Object.values(proxies)) proxy.heal();
    for (const client of clients) client.destroy();
    clients = [];
  };
  return {
    direct,
    proxies,
    connect(patience) {
      const settings = { ...common, ...shorten(clientSettings, patience) };
      const streaming = { ...common, ...shorten(streamingClientSettings, patience) };
      const dynamodb = new DynamoDBClient({ ...settings, endpoint: proxies.dynamodb.endpoint });
      const s3 = new S3Client({ ...settings, endpoint: proxies.s3.endpoint });
      const streamingS3 = new S3Client({ ...streaming, endpoint: proxies.s3.endpoint });
      const sqs = new SQSClient({ ...settings, endpoint: proxies.sqs.endpoint, useQueueUrlAsEndpoint: false });
      clients.push(dynamodb, s3, streamingS3, sqs);
      return { documents: DynamoDBDocumentClient.from(dynamodb, documentSettings), s3, streamingS3, sqs };
    },
    heal,
    async stop() {
      heal();
      chance.mockRestore();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
      await direct.stop();
    },
  };
};
