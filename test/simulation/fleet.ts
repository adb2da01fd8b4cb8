import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';
import type { ApiResponse } from '../../functions/api/api-response.ts';
import type { CachingTenantRegistry } from '../../functions/auth/caching-tenant-registry.ts';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import type { TokenVerifier } from '../../functions/auth/verify-token.ts';
import type { JobItem } from '../../functions/jobs/job-item.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { reopenJob } from '../../local/reopen-jobs.ts';
import { createPool } from './container-pool.ts';
import { createImporterFleet, type ImporterFleet } from './imports/importer-fleet.ts';
import {
  createApi,
  createCleaner,
  createDispatcher,
  createOperator,
  createWorker,
  lambdaContext,
  settings,
} from './simulated-functions.ts';
import type { Variant } from './variant.ts';
import type { World } from './world.ts';

/** What a client gets: an answer, or nothing that it could rely on. */
export type Received = ApiResponse | 'lost';

const second = 1000;
const minute = 60 * second;
const apiTimeout = 29 * second;
const gatewayTimeout = 30 * second;
/** As infra/functions has them. */
const workerTimeout = 300 * second;
const dispatcherTimeout = 50 * second;

/** What runs the functions. */
export interface Fleet {
  /** Sends a request through the gateway. */
  request(event: APIGatewayProxyEventV2): Promise<Received>;
  /** Lets workers look at the queue. */
  wake(): void;
  /** Starts the ticks. */
  begin(): void;
  /** Ends them: nothing is open. */
  stopTicks(): void;
  readonly importers: ImporterFleet;
  /** An operator has a failed job done once more. */
  reopen(job: JobItem): void;
  /** The cleaner looks at all orders that are old enough. */
  clean(): Promise<void>;
  /** Replaces all containers, whatever they are at. */
  deploy(): void;
  /** How many ticks ran so far. */
  ticks(): number;
  /** No function has anything under way. */
  isIdle(): boolean;
}

/** What a fleet is made of. */
export interface FleetParts {
  readonly world: World;
  readonly variant: Variant;
  readonly tenants: CachingTenantRegistry;
  readonly served: readonly Tenant[];
  readonly verifier: TokenVerifier;
  isDispatcherOff(): boolean;
}

const createFront = ({ world, variant, verifier }: FleetParts) => {
  const { time } = world;
  const pool = createPool(() => {
    const process = world.start('api');
    return { process, handle: createApi(process, world, variant, verifier), isBusy: false };
  });
  const request = (event: APIGatewayProxyEventV2): Promise<Received> =>
    new Promise((resolve) => {
      const container = pool.take();
      const { process, handle } = container;
      let isAnswered = false;
      process.run(
        async () => {
          const { response } = await handle(event);
          isAnswered = true;
          container.isBusy = false;
          resolve(response);
        },
        (error) => error === undefined || world.violate('contract', `the api rejected: ${error}`),
      );
      time.at(time.now() + apiTimeout, () => {
        if (!isAnswered) process.crash();
      });
      time.at(time.now() + gatewayTimeout, () => resolve('lost'));
    });
  return { pool, request };
};

const createWorkers = ({ world, variant, tenants }: FleetParts) => {
  const { time, queue, plan } = world;
  const pool = createPool(() => {
    const process = world.start('worker');
    return { process, handle: createWorker(process, world, variant, tenants), isBusy: false };
  });
  const wake = (): void => {
    while (pool.busy().length < plan.workers) {
      const message = queue.receive();
      if (message === undefined) return;
      const container = pool.take();
      const { process, handle } = container;
      const event = { Records: [{ messageId: message.id, body: message.body }] } as unknown as SQSEvent;
      let isOver = false;
      const end = (): void => {
        isOver = true;
        container.isBusy = false;
        wake();
      };
      process.run(
        async () => {
          const { batchItemFailures } = await handle(event, lambdaContext(time.now, workerTimeout));
          if (batchItemFailures.length === 0) queue.acknowledge(message);
        },
        (error) => {
          if (error !== undefined) world.violate('contract', `the worker rejected: ${error}`);
          end();
        },
      );
      time.at(time.now() + workerTimeout, () => {
        if (!isOver) process.crash();
        wake();
      });
    }
  };
  return { pool, wake };
};

const dueText = (millis: number): string => new Date(millis).toISOString();

/** A tick that would find nothing is left out: it would only ask. */
const isAnythingDue = ({ table, time, plan }: World): boolean => {
  const latest = dueText(time.now() + Math.max(...plan.clockOffsets, 45 * second));
  for (const { openShard, due } of table.items.values()) {
    if (openShard !== undefined && (due as string) <= latest) return true;
  }
  return table.isLagging();
};

const createTicks = ({ world, variant, isDispatcherOff }: FleetParts) => {
  const { time, plan } = world;
  const pool = createPool(() => {
    const process = world.start('dispatcher');
    return { process, handle: createDispatcher(process, world, variant), isBusy: false };
  });
  let count = 0;
  let isStopped = false;
  const tick = (): void => {
    if (isStopped) return;
    time.at(time.now() + minute / plan.dispatchers, tick);
    // Never two at a time (infra/functions/dispatcher.yml), unless the run has more dispatchers.
    if (isDispatcherOff() || pool.busy().length >= plan.dispatchers || !isAnythingDue(world)) return;
    count += 1;
    const container = pool.take();
    const { process, handle } = container;
    let isOver = false;
    process.run(
      () => handle({}),
      (error) => {
        isOver = true;
        container.isBusy = false;
        const isExpected = error === undefined || error instanceof ServiceError;
        if (!isExpected) world.violate('contract', `the dispatcher rejected: ${error}`);
      },
    );
    time.at(time.now() + dispatcherTimeout, () => {
      if (!isOver) process.crash();
    });
  };
  const stop = () => {
    isStopped = true;
  };
  return { pool, tick, stop, count: () => count };
};

/** What is done by hand or seldom. */
const createCare = ({ world, variant }: FleetParts) => ({
  reopen({ tenant, binaryId }: JobItem): void {
    const process = world.start('operator');
    const tenantId = restoreTenantId(tenant);
    const { executeDeadline: within } = settings[world.plan.settings].api;
    process.run(
      async () =>
        void (await reopenJob(
          createOperator(process, world, variant),
          { tenantId, binaryId },
          { apply: true, within },
        )),
      (error) => error === undefined || world.violate('contract', `the operator's command rejected: ${error}`),
    );
  },
  clean: () =>
    new Promise<void>((resolve) => {
      const process = world.start('cleaner');
      const orderedSince = new Date(world.plan.start - 60 * minute).toISOString();
      const handle = createCleaner(process, world, variant);
      process.run(
        () => handle({ orderedSince }, lambdaContext(world.time.now, workerTimeout)),
        (error) => {
          if (error !== undefined) world.violate('contract', `the cleaner rejected: ${error}`);
          resolve();
        },
      );
    }),
});

/** The api, the workers and the dispatcher, each in containers that come and go. */
export const createFleet = (parts: FleetParts): Fleet => {
  const front = createFront(parts);
  const workers = createWorkers(parts);
  const ticks = createTicks(parts);
  const importers = createImporterFleet(parts);
  const pools = [front.pool, workers.pool, ticks.pool, importers.pool];
  return {
    request: front.request,
    wake: workers.wake,
    begin() {
      ticks.tick();
      importers.begin();
    },
    stopTicks() {
      ticks.stop();
      importers.stop();
    },
    importers,
    ...createCare(parts),
    ticks: ticks.count,
    deploy() {
      for (const pool of pools) for (const process of pool.all()) process.crash();
      workers.wake();
      importers.wake();
    },
    isIdle: () => pools.every((pool) => pool.busy().length === 0),
  };
};
