import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type BuildAppOptions, buildApp } from 'fauxqs';
// fauxqs exports its stores nowhere, and its own `startFauxqs` listens on all interfaces. The version is pinned in package.json.
import { PersistenceManager } from '../node_modules/fauxqs/dist/persistence.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';

/** A running emulator of S3 and SQS. */
export interface ObjectsAndQueues {
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface KeptStores {
  readonly stores: NonNullable<BuildAppOptions['stores']>;
  readonly persistence: PersistenceManager;
}

/** Stores over a SQLite database; read before they are told to write, so that reading does not write. */
const openStores = (folder: string): KeptStores => {
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const persistence = new PersistenceManager(folder);
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence;
  stores.snsStore.persistence = persistence;
  stores.s3Store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return { stores, persistence };
};

/**
 * Starts fauxqs for S3 and SQS on a free port of 127.0.0.1.
 *
 * @param stateFolder keeps objects and messages over a restart, a killed process included; without it they are in memory
 */
export const startObjectsAndQueues = async (stateFolder?: string): Promise<ObjectsAndQueues> => {
  const kept = stateFolder === undefined ? undefined : openStores(join(stateFolder, 'objects-and-queues'));
  const app = buildApp({ logger: false, ...(kept === undefined ? {} : { stores: kept.stores }) });
  app.addHook('onClose', async () => kept?.persistence.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => app.close() };
};
