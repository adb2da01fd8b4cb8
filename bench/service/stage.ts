import type { ChildProcess } from 'node:child_process';
import { useEmulators } from '../../local/aws-environment.ts';
import type { SampleTenant } from '../../local/sample-tenants.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { endProcess, firstMessage, startProcess } from '../harness/helper-process.ts';
import type { StoresReady } from '../soak/messages.ts';

/** The service in this process, and each of the others in one of its own, so that what they use can be told apart. */
export interface Stage {
  readonly service: Embedded;
  readonly stores: ChildProcess;
  readonly clients: ChildProcess;
  stop(): Promise<void>;
}

/** As many open jobs as a tenant may have, and a few tenants that order in turns, so that no order is refused. */
const openJobs = { execute: 5000, schedule: 5000 };

/** Names of tenants that have no data set: nothing is done but ordering. */
export const tenantNames: readonly string[] = Array.from({ length: 4 }, (_, at) => `bench-${at}`);

const tenants: Readonly<Record<string, SampleTenant>> = Object.fromEntries(
  tenantNames.map((name) => [
    name,
    { issuer: `https://login.reporting.test/realms/${name}`, audience: 'account', episodes: 1, seed: 1, openJobs },
  ]),
);

/** Starts everything on 127.0.0.1, in memory. No message is delivered and no tick happens. */
export const startStage = async (): Promise<Stage> => {
  const stores = startProcess(new URL('./stores-process.ts', import.meta.url), {});
  const { endpoints } = await firstMessage<StoresReady>(stores);
  const restore = useEmulators({ endpoints, selfContained: true });
  const clients = startProcess(new URL('./load-process.ts', import.meta.url), {});
  await firstMessage(clients);
  const service = await startEmbedded({ delivery: 'manual', samples: false, tenants, writeLog: () => {} });
  return {
    service,
    stores,
    clients,
    async stop() {
      await service.stop();
      await endProcess(clients, 'SIGKILL');
      restore();
      await endProcess(stores, 'SIGKILL');
    },
  };
};
