import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import type { Embedded } from '../../local/start-embedded.ts';
import { apiEvent } from '../../test/support/api-event.ts';
import { sampleJob } from '../../test/support/sample-job.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { interleave } from '../harness/interleave.ts';
import { checkItself } from '../harness/self-check.ts';
import { divideByRound } from '../harness/summary.ts';
import { measureCpu } from '../harness/usage.ts';
import type { Stage } from './stage.ts';

const tenant = 'bench-0';
const hour = 3_600_000;

/** What BatchWriteItem takes at once (DynamoDB limit). */
const batch = 25;

/** Records so many finished jobs of a user, an hour apart. */
const recordJobs = async ({ clients, resources }: Embedded, userId: string, count: number): Promise<void> => {
  const now = Date.now();
  const tenantId = restoreTenantId(tenant);
  const requests = Array.from({ length: count }, (_, at) => {
    const created = now - at * 1000;
    const binaryId = randomIds.sortableUuid(created);
    const { due: _due, ...job } = sampleJob({ tenantId, userId, binaryId, jobId: randomIds.uuid(), status: 'DONE' });
    const times = { created, started: created + 900, ended: created + 2100, deadline: created + 900_000 };
    return { PutRequest: { Item: toJobItem({ ...job, ...times, expires: now + 1000 * hour }) } };
  });
  for (let at = 0; at < count; at += batch) {
    const RequestItems = { [resources.jobsTable]: requests.slice(at, at + batch) };
    await clients.documents.send(new BatchWriteCommand({ RequestItems }));
  }
};

/** Counts what is asked of DynamoDB, and the bytes that come back. */
const watchDynamoDb = (endpoint: string) => {
  const { host } = new URL(endpoint);
  let [requests, bytes] = [0, 0];
  const note = (message: unknown): void => {
    const { request, response } = message as { readonly request: ClientRequest; readonly response: IncomingMessage };
    if (request.getHeader('host') !== host) return;
    requests += 1;
    bytes += Number(response.headers['content-length'] ?? 0);
  };
  subscribe('http.client.response.finish', note);
  return {
    take() {
      const taken = { requests, bytes };
      [requests, bytes] = [0, 0];
      return taken;
    },
    stop: () => void unsubscribe('http.client.response.finish', note),
  };
};

interface Page {
  readonly cpuMillis: number;
  readonly requests: number;
  readonly readBytes: number;
  readonly bytes: number;
  readonly entries: number;
  /** The query of the next page. */
  readonly next: string | undefined;
}

interface StatusBundle {
  readonly link?: readonly { readonly url: string }[];
  readonly entry?: readonly unknown[];
}

const createReader =
  (service: Embedded, watch: ReturnType<typeof watchDynamoDb>) =>
  async (token: string, query = '') => {
    watch.take();
    let body = '';
    const cpuMillis = await measureCpu(async () => {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/fhir+json' };
      const answer = await service.functions.api(apiEvent('GET', '/fhir/$get-report-job-status', { headers, query }));
      if (answer.statusCode !== 200)
        throw new Error(`the job status was answered ${answer.statusCode}: ${answer.body}`);
      body = answer.body ?? '';
    });
    const { requests, bytes: readBytes } = watch.take();
    const { link = [], entry = [] } = JSON.parse(body) as StatusBundle;
    const next = link[0] && new URL(link[0].url).search.slice(1);
    return { cpuMillis, requests, readBytes, bytes: body.length, entries: entry.length, next } satisfies Page;
  };

/** What the first page of the job status costs a user with few jobs and one with many, and what walking through all of them. */
export const measureJobStatus = async ({ service }: Stage, rounds: number): Promise<readonly Figure[]> => {
  await recordJobs(service, 'few', 1000);
  await recordJobs(service, 'many', 10_000);
  const [few, many] = await Promise.all(['few', 'many'].map((user) => service.issuer.sign(tenant, { user })));
  if (few === undefined || many === undefined) throw new TypeError('two tokens');
  const watch = watchDynamoDb(service.endpoints.dynamodb);
  const read = createReader(service, watch);
  // The tenants are read with the first request of all.
  await read(few);
  const pages: Page[] = [];
  for (let next: string | undefined = ''; next !== undefined; next = pages.at(-1)?.next)
    pages.push(await read(many, next));
  const last = pages.at(-2)?.next ?? '';
  const measured = await interleave(
    { few: () => read(few), many: () => read(many), again: () => read(many), last: () => read(many, last) },
    rounds,
  );
  watch.stop();
  const cpu = (of: keyof typeof measured) => measured[of].map(({ cpuMillis }) => cpuMillis);
  const doubt = checkItself(cpu('many'), cpu('again'), 0.15);
  const sum = (name: 'entries' | 'requests' | 'bytes') => pages.reduce((total, page) => total + page[name], 0);
  return [
    figure('status-cpu-1000-jobs', 'ms', cpu('few'), doubt),
    figure('status-cpu-10000-jobs', 'ms', cpu('many'), doubt),
    figure('status-10000-to-1000', '×', divideByRound(cpu('many'), cpu('few')), doubt),
    figure('status-last-to-first-page', '×', divideByRound(cpu('last'), cpu('many')), doubt),
    figure('status-requests-a-page', '', [Math.max(...pages.map(({ requests }) => requests))]),
    figure('status-kB-a-page', 'kB', [Math.max(...pages.map(({ bytes }) => bytes)) / 1000]),
    figure('status-kB-read-a-page', 'kB', [Math.max(...pages.map(({ readBytes }) => readBytes)) / 1000]),
    figure('status-pages-of-all', '', [pages.length]),
    figure('status-jobs-in-all-pages', '', [sum('entries')]),
  ];
};
