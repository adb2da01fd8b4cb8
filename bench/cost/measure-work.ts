import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { SQSEvent } from 'aws-lambda';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { createBytesInput } from '../../local/data-set-input.ts';
import { type InfraTemplate, readInfraTemplate } from '../../local/infra-template.ts';
import { loadDataSet } from '../../local/load-data-set.ts';
import { fhirAccept } from '../../local/report-client.ts';
import { sampleCutOff } from '../../local/sample-tenants.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { startEmulators } from '../../local/start-emulators.ts';
import { generateEpisodes } from '../../local/synthetic-episodes.ts';
import { type Metered, meterDynamoDb, meterS3, meterSqs } from './billing-meter.ts';
import type { TableIndexes } from './index-writes.ts';
import { type Measurement, type Work, type WorkName, workNames } from './work.ts';

/** How much is measured. */
export interface MeasureOptions {
  readonly episodes: number;
  /** Rounds that are told, after two that are thrown away. */
  readonly rounds: number;
}

const tenant = 'demo';
const orderBody = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"ANONYMIZED"}]}';

const nothing = (): Metered => ({
  calls: {},
  writeUnits: 0,
  readUnits: 0,
  s3Writes: 0,
  s3Reads: 0,
  sqsRequests: 0,
  items: {},
});

const findTable =
  ({ resources }: InfraTemplate) =>
  (name: string): TableIndexes => {
    const found = Object.entries(resources).find(([logicalId]) => name.endsWith(`-${logicalId}`))?.[1];
    if (found === undefined) throw new Error(`infra/ has no table ${name}`);
    return found.Properties as unknown as TableIndexes;
  };

const options = (episodes: number) => ({
  delivery: 'manual' as const,
  tenants: { [tenant]: { issuer: 'https://login.cost.test', audience: 'account', episodes, seed: 1 } },
});

/** Does something while the SDK finds its services at the endpoints; each variable is put back as it was. */
const withEndpoints = async <Result>(
  endpoints: Readonly<Record<string, string>>,
  run: () => Promise<Result>,
): Promise<Result> => {
  const before = Object.keys(endpoints).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, endpoints);
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
};

interface Taken extends Metered {
  readonly logBytes: number;
  readonly auditBytes: number;
}

/** The embedded default with a meter before each of its services. */
const runMetered = async <Result>(
  template: InfraTemplate,
  episodes: number,
  run: (service: Embedded, take: () => Taken) => Promise<Result>,
): Promise<Result> => {
  let taken = { ...nothing(), logBytes: 0, auditBytes: 0 };
  const now = () => taken;
  const emulators = await startEmulators({});
  const { dynamodb, s3, sqs } = emulators.endpoints;
  const meters = {
    AWS_ENDPOINT_URL_DYNAMODB: await meterDynamoDb(dynamodb, findTable(template), now),
    AWS_ENDPOINT_URL_S3: await meterS3(s3, now),
    AWS_ENDPOINT_URL_SQS: await meterSqs(sqs, now),
  };
  const endpoints = Object.fromEntries(Object.entries(meters).map(([name, { endpoint }]) => [name, endpoint]));
  return withEndpoints(endpoints, async () => {
    const service = await startEmbedded({
      ...options(episodes),
      writeLog: (line) => {
        taken.logBytes += Buffer.byteLength(line) + 1;
      },
      writeAudit: (line) => {
        taken.auditBytes += Buffer.byteLength(line) + 1;
      },
    });
    const take = () => {
      const before = taken;
      taken = { ...nothing(), logBytes: 0, auditBytes: 0 };
      return before;
    };
    try {
      return await run(service, take);
    } finally {
      await service.stop();
      await Promise.all(Object.values(meters).map((meter) => meter.stop()));
      await emulators.stop();
    }
  });
};

const ask = async ({ baseUrl }: Embedded, token: string, path: string, init: RequestInit = {}) => {
  const headers = { accept: fhirAccept, authorization: `Bearer ${token}`, ...(init.headers as object) };
  const response = await fetch(`${baseUrl}${path}`, { ...init, headers });
  const bytes = await response.bytes();
  if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`);
  return bytes;
};

/** The steps of one report's life, each alone, in the order in which they are possible. */
const stepsOf = (service: Embedded, token: string) => {
  let id = '';
  let reportBytes = 0;
  const { functions } = service;
  const steps: Readonly<Record<WorkName, () => Promise<unknown>>> = {
    order: async () => {
      const headers = { 'content-type': 'application/fhir+json' };
      const call = { method: 'POST', headers, body: orderBody };
      const answer = await ask(service, token, '/$execute-patient-usage-stats', call);
      id = (JSON.parse(Buffer.from(answer).toString()) as { id: string }).id;
    },
    poll: () => ask(service, token, `/Binary/${id}`),
    report: async () => {
      const body = writeJobMessage({ tenantId: restoreTenantId(tenant), binaryId: id });
      const event = { Records: [{ messageId: 'm', body }] } as SQSEvent;
      const { batchItemFailures } = await functions.worker(event);
      if (batchItemFailures.length > 0) throw new Error('the report was not made');
    },
    read: async () => {
      const bytes = await ask(service, token, `/Binary/${id}`, { headers: { accept: '*/*' } });
      // A report that failed is an OperationOutcome, and cost less.
      if (Buffer.from(bytes.subarray(0, 2)).toString() !== 'PK') throw new Error('the report has failed');
      reportBytes = bytes.length;
    },
    status: () => ask(service, token, '/$get-report-job-status'),
    delete: () => ask(service, token, `/Binary/${id}`, { method: 'DELETE' }),
    tick: () => functions.dispatcher(),
    clean: () => functions.cleaner(),
    importTick: () => functions.importer(),
  };
  return { steps, id: () => id, reportBytes: () => reportBytes };
};

const functionOf: Readonly<Record<WorkName, Work['by']>> = {
  order: 'api',
  poll: 'api',
  read: 'api',
  status: 'api',
  delete: 'api',
  report: 'worker',
  tick: 'dispatcher',
  clean: 'cleaner',
  importTick: 'importer',
};

const sequence: readonly WorkName[] = [
  'order',
  'poll',
  'report',
  'read',
  'status',
  'delete',
  'tick',
  'clean',
  'importTick',
];

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** Counts do not depend on it; few, so that nothing that is kept for some seconds is read anew in between. */
const countedEpisodes = 300;

/** What is counted, without a clock. */
export interface Counted {
  readonly work: Readonly<Record<WorkName, Omit<Work, 'processorMilliseconds'>>>;
  readonly reportBytes: number;
  readonly itemBytes: number;
}

/** Another data set each time, by one episode: else the months of the one before would be taken from where they are kept. */
const loadEpisodes = async ({ clients: { s3 }, resources }: Embedded, base: string, number: number): Promise<void> => {
  const [extra = ''] = generateEpisodes({ count: 1, seed: number + 1000, cutOff: sampleCutOff });
  const input = createBytesInput(
    'EpisodeOfCare.ndjson.gz',
    gzipSync(`${base}${extra.replace('"id":"', '"id":"another-')}\n`, { level: 1 }),
  );
  await loadDataSet({ s3, bucket: resources.dataBucket }, restoreTenantId(tenant), [input], sampleCutOff);
};

const generateBase = (episodes: number): string =>
  [...generateEpisodes({ count: episodes, seed: 1, cutOff: sampleCutOff })].map((line) => `${line}\n`).join('');

/** One report's life, step by step. A user of its own each time, so that a job status has one job in it. */
const runRound = async (
  service: Embedded,
  base: string,
  number: number,
  around: (name: WorkName, step: () => Promise<unknown>) => Promise<void>,
) => {
  await loadEpisodes(service, base, number);
  const life = stepsOf(service, await service.issuer.sign(tenant, { user: `user-${number}` }));
  for (const name of sequence) await around(name, life.steps[name]);
  return { id: life.id(), reportBytes: life.reportBytes() };
};

const sumOfCalls = ({ calls }: Pick<Work, 'calls'>): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0);

/**
 * What each piece of work is billed for: the least of three rounds, after one that finds caches empty. What is kept for some seconds is
 * read anew now and then, on a busy machine also here.
 */
export const countWork = (template: InfraTemplate): Promise<Counted> =>
  runMetered(template, 1, async (service, take) => {
    const work: Partial<Record<WorkName, Omit<Work, 'processorMilliseconds'>>> = {};
    let written: Readonly<Record<string, number>> = {};
    const count = async (name: WorkName, step: () => Promise<unknown>) => {
      // What runs beside a request, such as the renewal of the tenants, is to be over.
      await delay(5);
      take();
      await step();
      const { items, ...taken } = take();
      if (name === 'report') written = items;
      const known = work[name];
      if (known === undefined || sumOfCalls(taken) <= sumOfCalls(known))
        work[name] = { by: functionOf[name], ...taken };
    };
    const base = generateBase(countedEpisodes);
    for (const number of [0, 1, 2]) await runRound(service, base, number, count);
    const { id, reportBytes } = await runRound(service, base, 3, count);
    const itemBytes = Object.entries(written).find(([key]) => key.includes(id))?.[1] ?? 0;
    return { work: work as Counted['work'], reportBytes, itemBytes };
  });

/** Medians of processor time, which what else runs on the machine changes little; without a meter in between. */
const timeWork = async ({ episodes, rounds }: MeasureOptions): Promise<Readonly<Record<WorkName, number>>> => {
  const service = await startEmbedded({ ...options(1), writeLog: () => {}, writeAudit: () => {} });
  const base = generateBase(episodes);
  const times = new Map<WorkName, number[]>(workNames.map((name) => [name, []]));
  try {
    for (let number = 0; number < rounds + 2; number += 1) {
      await runRound(service, base, number, async (name, step) => {
        const begun = process.cpuUsage();
        await step();
        const { user, system } = process.cpuUsage(begun);
        if (number >= 2) times.get(name)?.push((user + system) / 1000);
      });
    }
  } finally {
    await service.stop();
  }
  const medians = [...times].map(([name, all]) => [name, Math.ceil(median(all))]);
  return Object.fromEntries(medians) as Record<WorkName, number>;
};

/** What was counted, with processor times that were measured now or before. */
const combine = async (
  template: InfraTemplate,
  { work, reportBytes, itemBytes }: Counted,
  timed: Pick<Measurement, 'date' | 'machine' | 'episodes'> & { readonly times: Readonly<Record<WorkName, number>> },
): Promise<Measurement> => {
  const { times, ...measured } = timed;
  const { api, worker, dispatcher, cleaner, importer } = template.functions;
  return {
    ...measured,
    reportBytes,
    itemBytes,
    memory: {
      api: api.memorySize,
      worker: worker.memorySize,
      dispatcher: dispatcher.memorySize,
      cleaner: cleaner.memorySize,
      importer: importer.memorySize,
    },
    work: Object.fromEntries(
      workNames.map((name) => [name, { ...work[name], processorMilliseconds: times[name] }]),
    ) as Measurement['work'],
  };
};

/** Counts anew what work is billed for, and keeps the processor times of an earlier measurement. */
export const recountWork = async (earlier: Measurement): Promise<Measurement> => {
  const template = await readInfraTemplate();
  const { date, machine, episodes } = earlier;
  const times = Object.fromEntries(workNames.map((name) => [name, earlier.work[name].processorMilliseconds])) as Record<
    WorkName,
    number
  >;
  return combine(template, await countWork(template), { date, machine, episodes, times });
};

/**
 * Counts and times what the service does for one report, from the order to its erasure, and what it does without any, over the embedded
 * default.
 */
export const measureWork = async (asked: MeasureOptions): Promise<Measurement> => {
  const template = await readInfraTemplate();
  const counted = await countWork(template);
  const times = await timeWork(asked);
  return combine(template, counted, {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    episodes: asked.episodes,
    times,
  });
};
