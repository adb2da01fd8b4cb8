import { describe, expect, test } from 'vitest';
import { restoreTenantId, type Tenant } from '../../functions/auth/tenant.ts';
import type { DataSetSource } from '../../functions/episodes/data-set.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { type JobMessage, readJobMessage, writeJobMessage } from '../../functions/jobs/job-message.ts';
import { processJob } from '../../functions/worker/process-job.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createTestApi, resourceOf, sampleCaller } from '../support/create-test-api.ts';
import { contractOrder } from '../support/fhir-client.ts';
import { dataSetInMemory, fileInMemory } from '../support/in-memory-data-set.ts';
import { createManualTimers } from '../support/manual-timers.ts';
import { registryOf, sampleTenant } from '../support/sample-tenant.ts';

// Api and worker as they are, over a clock that is moved: ten workers, reports of five seconds, and the queue. What is measured is how long
// the one report of a quiet tenant takes from order to end while another tenant orders a thousand.

const workers = 10;
const reportTime = 5000;
const rules = { lease: 60_000, maxAttempts: 4, deadlineMargin: 180_000, retryAfter: 15_000 };
const dataSet = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', '')]);

/** Which message a free worker gets: of those that wait, and of those that are worked on. */
type Delivery = (waiting: readonly JobMessage[], working: readonly JobMessage[]) => JobMessage | undefined;

/** The oldest, as a queue that knows of no tenants gives them out on the whole. It is also what the emulator does. */
const oldestFirst: Delivery = ([first]) => first;

/** The oldest of the tenant that has the fewest workers: what Amazon SQS does once it has seen that one tenant takes most of their time. */
const fewestFirst: Delivery = (waiting, working) => {
  const has = ({ tenantId }: JobMessage) => working.filter((one) => one.tenantId === tenantId).length;
  return [...waiting].sort((one, other) => has(one) - has(other))[0];
};

const headers = { accept: 'application/fhir+json', 'content-type': 'application/fhir+json' };

const startService = (busyTenant: Partial<Tenant>, deliver: Delivery) => {
  const busy = sampleTenant({ id: restoreTenantId('busy'), ...busyTenant });
  const quiet = sampleTenant({ id: restoreTenantId('quiet'), issuer: 'https://issuer.example/realms/quiet' });
  const waiting: JobMessage[] = [];
  const send = async (tenantId: JobMessage['tenantId'], binaryId: string) => {
    const message = readJobMessage(writeJobMessage({ tenantId, binaryId }));
    if (message !== undefined) waiting.push(message);
  };
  const api = createTestApi(
    { busy: sampleCaller({ tenant: busy }), quiet: sampleCaller({ tenant: quiet }) },
    { queue: { send }, rules: { ...rules, requeueAfter: 60_000 } },
  );
  const { jobs, content, pace, summaries, clock, logger } = api;
  const timers = createManualTimers(clock);
  const dataSets: DataSetSource = {
    openCurrent: async (...asked) => {
      await new Promise<void>((resolve) => void timers.after(reportTime, resolve));
      return dataSet.openCurrent(...asked);
    },
  };
  const worker = {
    jobs,
    content,
    pace,
    summaries,
    clock,
    logger,
    timers,
    dataSets,
    rules,
    tenants: registryOf(busy, quiet),
    ids: createCountedIds(),
  };
  const working = new Set<JobMessage>();
  const fill = () => {
    while (working.size < workers) {
      const message = deliver(waiting, [...working]);
      if (message === undefined) return;
      waiting.splice(waiting.indexOf(message), 1);
      working.add(message);
      void processJob(worker, message, 300_000).finally(() => working.delete(message));
    }
  };
  return {
    async order(name: 'busy' | 'quiet') {
      const event = apiEvent('POST', '/fhir/$execute-patient-usage-stats', {
        headers: { ...headers, authorization: `Bearer ${name}` },
        body: contractOrder,
      });
      const answer = await api.send(event);
      const { id } = resourceOf<{ id?: string }>(answer);
      return { status: answer.statusCode, headers: answer.headers ?? {}, id: String(id) };
    },
    /** A second passes, at whose beginning free workers take what waits. */
    async passSecond() {
      fill();
      await timers.pass(1000);
    },
    jobOf: async (id: string) => (await jobs.read(quiet.id, id)) as Job,
    jobs,
  };
};

/** The busy tenant orders `count` in two seconds, and then goes on with ten every ten seconds; the quiet one orders after all of the first. */
const measure = async (count: number, busyTenant: Partial<Tenant>, deliver: Delivery) => {
  const service = startService(busyTenant, deliver);
  const statuses: (number | undefined)[] = [];
  const orderMany = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => service.order('busy')));
    for (const { status, headers: sent } of answers) {
      statuses.push(status);
      if (status === 429) expect(Number(sent['retry-after'])).toBeGreaterThanOrEqual(1);
    }
  };
  await orderMany(count / 2);
  await service.passSecond();
  await orderMany(count / 2);
  const { id } = await service.order('quiet');
  let seconds = 0;
  for (; seconds < 900 && (await service.jobOf(id)).status !== 'DONE'; seconds += 1) {
    await service.passSecond();
    if (seconds % 10 === 0) await orderMany(10);
  }
  const { created, ended = Number.NaN } = await service.jobOf(id);
  return {
    delay: (ended - created) / 1000,
    accepted: statuses.slice(0, count).filter((status) => status === 200).length,
  };
};

const limit = 100;
/** What a report takes here: a free worker is seen at the next second. */
const turn = (reportTime + 1000) / 1000;
/** All that the busy tenant may have before it, shared by the workers, and the report itself. In seconds. */
const bound = (limit / workers + 1) * turn;

const tell = (text: string) => void process.stdout.write(`fairness, ten workers, reports of 5 s: ${text}\n`);

describe('one tenant orders a thousand reports, and then another one orders one', () => {
  test('H66: which is delayed by no more than the open jobs that the first may have, shared by the workers', async () => {
    const { delay, accepted } = await measure(1000, {}, oldestFirst);
    tell(`of 1000 orders ${accepted} are accepted, the other tenant's one takes ${delay} s, bound ${bound} s`);
    expect(accepted).toBe(limit);
    expect(delay).toBeLessThanOrEqual(bound);
  });
  test('H66: which waits for the next free worker where the queue is fair', async () => {
    const { delay } = await measure(300, {}, fewestFirst);
    tell(`with a fair queue it takes ${delay} s`);
    expect(delay).toBeLessThanOrEqual(2 * turn);
  });
  test('which would wait for all of them if there were no limit', async () => {
    const { delay, accepted } = await measure(300, { openJobs: { execute: 5000, schedule: 1 } }, oldestFirst);
    tell(`without a limit, after ${accepted} accepted orders, it takes ${delay} s`);
    expect(accepted).toBe(300);
    expect(delay).toBeGreaterThan(2 * bound);
  });
});
