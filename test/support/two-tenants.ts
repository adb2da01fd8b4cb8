import type { Tenant } from '../../functions/auth/tenant.ts';
import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import { redriveStaleJobs } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { DataSet } from '../../functions/episodes/data-set.ts';
import type { Ids } from '../../functions/platform/ids.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { apiEvent } from './api-event.ts';
import { createTestApi, sampleCaller, type TestApi } from './create-test-api.ts';
import { dataSetInMemory, fileInMemory } from './in-memory-data-set.ts';
import { createManualClock } from './manual-clock.ts';
import { createManualTimers } from './manual-timers.ts';
import { noImports } from './sample-import.ts';
import { registryOf, sampleTenant } from './sample-tenant.ts';

/** The two tenants. Their users have the same ids and roles, their data sets the same file names and other numbers; few jobs may be open. */
export const twoTenants = { one: tenantOf('one'), two: tenantOf('two') } as const;

/** Which of them. */
export type Side = keyof typeof twoTenants;

function tenantOf(id: string): Tenant {
  return sampleTenant({
    id: restoreTenantId(id),
    issuer: `https://issuer.example/realms/${id}`,
    openJobs: { execute: 2, schedule: 1 },
  });
}

const episode = (patient: number) =>
  `${JSON.stringify({
    resourceType: 'EpisodeOfCare',
    status: 'active',
    patient: { reference: `Patient/planted-${patient}` },
    statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
  })}\n`;

/** How many patients each tenant's data set has. */
export const patientsOf = { one: 1, two: 2 } as const satisfies Record<Side, number>;

const dataSetOf = (side: Side): DataSet => {
  const lines = Array.from({ length: patientsOf[side] }, (_, number) => episode(number)).join('');
  return dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('EpisodeOfCare.ndjson', lines)]).current;
};

const sideOf = (tenantId: TenantId): Side => {
  const side = (['one', 'two'] as const).find((name) => twoTenants[name].id === tenantId);
  if (side === undefined) throw new ServiceError('DATA_SET_MISSING', { cause: 'no such tenant' });
  return side;
};

/** Ids by the step in which they are made, so that they do not depend on what happened in other steps. */
const idsOf = (stepOf: () => number): Ids => {
  let step = -1;
  let count = 0;
  const tail = () => {
    count = stepOf() === step ? count + 1 : 0;
    step = stepOf();
    return `${step.toString(16).padStart(8, '0')}${count.toString(16).padStart(4, '0')}`;
  };
  return { uuid: () => `00000000-0000-4000-8000-${tail()}`, sortableUuid: () => `01963e5f-5a2f-7abc-8def-${tail()}` };
};

/** Api, worker and dispatcher over the same stores in memory, for both tenants. */
export interface TwoTenants {
  readonly api: TestApi;
  /** A request of the tenant's user. */
  call(side: Side, method: string, path: string, own?: Parameters<typeof apiEvent>[2]): ReturnType<TestApi['send']>;
  /** Works on everything that is queued for the tenant. */
  work(side: Side): Promise<void>;
  tick(): Promise<unknown>;
}

const rules = { lease: 60_000, maxAttempts: 2, deadlineMargin: 90_000, retryAfter: 15_000, requeueAfter: 60_000 };
const fhir = { accept: 'application/fhir+json', 'content-type': 'application/fhir+json' };

/** @param stepOf the number of the step that is made; what a step makes has the same ids in every run */
export const createTwoTenants = (stepOf: () => number): TwoTenants => {
  const queued: { readonly tenantId: TenantId; readonly binaryId: string }[] = [];
  const queue = { send: async (tenantId: TenantId, binaryId: string) => void queued.push({ tenantId, binaryId }) };
  const dataSets = { openCurrent: async (tenantId: TenantId) => dataSetOf(sideOf(tenantId)) };
  const ids = idsOf(stepOf);
  const api = createTestApi(
    { one: sampleCaller({ tenant: twoTenants.one }), two: sampleCaller({ tenant: twoTenants.two }) },
    { queue, dataSets, ids },
  );
  const { jobs, content, pace, summaries, clock, logger } = api;
  const shared = { jobs, content, pace, summaries, clock, logger, ids, rules, queue, dataSets };
  const timers = createManualTimers(createManualClock());
  const tenants = registryOf(twoTenants.one, twoTenants.two);
  return {
    api,
    call: (side, method, path, { headers, ...own } = {}) =>
      api.send(
        apiEvent(method, `/fhir/${path}`, {
          headers: { authorization: `Bearer ${side}`, ...fhir, ...headers },
          ...own,
        }),
      ),
    async work(side) {
      const own = queued.filter(({ tenantId }) => sideOf(tenantId) === side);
      for (const message of own) {
        queued.splice(queued.indexOf(message), 1);
        await processJob({ ...shared, timers, tenants }, message, 300_000);
      }
    },
    tick: () => redriveStaleJobs({ ...shared, imports: noImports, openJobs: jobs, eraser: content, jobsPerTick: 100 }),
  };
};
