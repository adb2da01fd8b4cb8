import type { Caller } from '../../functions/auth/caller.ts';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import { redriveStaleJobs, type TickSummary } from '../../functions/dispatcher/redrive-stale-jobs.ts';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { apiEvent } from './api-event.ts';
import { createCountedIds } from './counted-ids.ts';
import { createTestApi, sampleCaller, type TestApi } from './create-test-api.ts';
import { contractOrder } from './fhir-client.ts';
import { dataSetInMemory, fileInMemory } from './in-memory-data-set.ts';
import { createManualTimers } from './manual-timers.ts';
import { noImports } from './sample-import.ts';
import { registryOf, sampleTenant } from './sample-tenant.ts';

/** An answer as a client gets it. */
export interface ContractAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** What is sent, without base64. */
  readonly bytes: Buffer;
  /** The body's text; of a body that is not text, something that is equal to nothing. */
  readonly text: string;
  /** The body as JSON. */
  json<Resource = Readonly<Record<string, unknown>>>(): Resource;
}

/** What a call differs in from the contract's first request. */
export interface ContractCall {
  /** Name of a caller; '' sends no token. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly query?: string;
}

/** Api, worker and dispatcher over the same stores in memory. */
export interface ContractBench {
  readonly api: TestApi;
  call(method: string, path: string, own?: ContractCall): Promise<ContractAnswer>;
  /** The contract's order, and what it was answered with. */
  order(mode?: 'execute' | 'schedule' | 'fetch', own?: ContractCall): Promise<ContractAnswer>;
  /** The id of a Binary that was ordered. */
  orderId(mode?: 'execute' | 'schedule'): Promise<string>;
  /** The id of a Binary whose report is finished. */
  finishedId(): Promise<string>;
  /** The id of a Binary whose report has failed: a line of the data set is no EpisodeOfCare. */
  failedId(): Promise<string>;
  /** A worker makes the report of a Binary that was ordered. */
  work(binaryId: string): Promise<void>;
  tick(): Promise<TickSummary>;
}

const episode = JSON.stringify({
  resourceType: 'EpisodeOfCare',
  status: 'active',
  patient: { reference: 'Patient/planted-patient' },
  statusHistory: [{ status: 'active', period: { start: '2026-01-01' } }],
});
const dataSets = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', `${episode}\n`)]);
const unusable: DataSetSource = dataSetInMemory('2026-04-01T00:00:00Z', [
  fileInMemory('a.ndjson', '{"resourceType":"Patient"}\n'),
]);

const rules = { lease: 60_000, maxAttempts: 2, deadlineMargin: 90_000, retryAfter: 15_000, requeueAfter: 60_000 };

/** Everybody that the contract tells apart. */
const everybody = (tenant: Tenant): Readonly<Record<string, Caller>> => ({
  owner: sampleCaller({ tenant }),
  colleague: sampleCaller({ tenant, userId: 'somebody-else' }),
  namesake: sampleCaller({ tenant: sampleTenant({ id: restoreTenantId('other') }) }),
  roleless: sampleCaller({ tenant, roles: new Set() }),
  reader: sampleCaller({ tenant, roles: new Set(['Binary.read']) }),
  orderer: sampleCaller({ tenant, roles: new Set(['$fetch-patient-usage-stats']) }),
  patient: sampleCaller({ tenant, userType: 'PATIENT' }),
  system: sampleCaller({ tenant, userType: 'SYSTEM' }),
});

const fhir = {
  accept: 'application/fhir+json;q=1.0, application/json+fhir;q=0.9',
  'content-type': 'application/fhir+json; charset=UTF-8',
};

/** A bench whose tenant `demo` is as the sample save for what is given. Callers: see `everybody`. */
export const createContractBench = (
  own: Partial<Tenant> = {},
  wired: NonNullable<Parameters<typeof createTestApi>[1]> = {},
): ContractBench => {
  const tenant = sampleTenant(own);
  const api = createTestApi(everybody(tenant), { dataSets, ...wired });
  const { jobs, content, pace, summaries, clock, logger } = api;
  const ids = createCountedIds();
  const shared = { jobs, content, pace, summaries, clock, logger, ids, rules };
  const timers = createManualTimers(clock);
  const call = async (
    method: string,
    path: string,
    { as = 'owner', headers, ...rest }: ContractCall = {},
  ): Promise<ContractAnswer> => {
    const token = as === '' ? {} : { authorization: `Bearer ${as}` };
    const answer = await api.send(
      apiEvent(method, `/fhir/${path}`, { headers: { ...token, ...fhir, ...headers }, ...rest }),
    );
    const bytes = Buffer.from(answer.body ?? '', answer.isBase64Encoded === true ? 'base64' : 'utf8');
    const text = bytes.toString();
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers ?? {},
      bytes,
      text,
      json: <Resource>() => JSON.parse(text) as Resource,
    };
  };
  const order: ContractBench['order'] = (mode = 'execute', given = {}) =>
    call('POST', `$${mode}-patient-usage-stats`, { body: contractOrder, ...given });
  const orderId = async (mode: 'execute' | 'schedule' = 'execute') => String((await order(mode)).json()['id']);
  const work = async (binaryId: string, source: DataSetSource = dataSets) => {
    const worker = { ...shared, timers, tenants: registryOf(tenant), dataSets: source };
    await processJob(worker, { tenantId: tenant.id, binaryId }, 300_000);
  };
  const workedOn = async (source: DataSetSource) => {
    const binaryId = await orderId();
    clock.advance(5000);
    await work(binaryId, source);
    return binaryId;
  };
  return {
    api,
    call,
    order,
    orderId,
    finishedId: () => workedOn(dataSets),
    failedId: () => workedOn(unusable),
    work: (binaryId) => work(binaryId),
    tick: () =>
      redriveStaleJobs({
        ...shared,
        imports: noImports,
        openJobs: jobs,
        queue: { send: async () => {} },
        eraser: content,
        jobsPerTick: 100,
      }),
  };
};

/** An error's status and its one issue, as the table of errors has them. */
export const errorOf = ({ status, json }: ContractAnswer) => {
  const { resourceType, issue } = json<{
    resourceType: string;
    issue: readonly {
      severity: string;
      code: string;
      details: { coding: readonly { code: string }[] };
      diagnostics: string;
    }[];
  }>();
  const [only] = issue;
  return {
    status,
    resourceType,
    issues: issue.length,
    severity: only?.severity,
    issue: only?.code,
    code: only?.details.coding[0]?.code,
    text: only?.diagnostics,
  };
};

/** What {@link errorOf} gives for a row of the table of errors. */
export const errorRow = (code: unknown, status: number, issue: string, text: unknown) => ({
  status,
  resourceType: 'OperationOutcome',
  issues: 1,
  severity: 'error',
  issue,
  code,
  text,
});
