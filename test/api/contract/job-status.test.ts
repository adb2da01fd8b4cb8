import { describe, expect, test } from 'vitest';
import type { Job } from '../../../functions/jobs/job.ts';
import { type ContractBench, createContractBench } from '../../support/contract-bench.ts';
import { demoTenant, demoUser, sampleJob, sampleTime } from '../../support/sample-job.ts';

interface Part {
  readonly name: string;
  readonly [value: string]: unknown;
}
interface Entry {
  readonly fullUrl: string;
  readonly resource: { readonly id: string; readonly parameter: readonly [{ name: string; part: readonly Part[] }] };
}

const ask = (bench: ContractBench) => bench.call('GET', '$get-report-job-status');
const entriesOf = async (bench: ContractBench) => (await ask(bench)).json<{ entry?: readonly Entry[] }>().entry ?? [];
const partsOf = async (bench: ContractBench) => (await entriesOf(bench))[0]?.resource.parameter[0].part ?? [];
const partOf = async (bench: ContractBench, name: string) => (await partsOf(bench)).find((part) => part.name === name);

describe('contract, job status:', () => {
  test('contract, job status: nothing to report is exactly the empty collection', async () =>
    expect((await ask(createContractBench())).text).toBe('{"resourceType":"Bundle","type":"collection"}'));
  test('contract, job status: one entry a job, newest first', async () => {
    const bench = createContractBench();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.unshift(await bench.orderId());
      bench.api.clock.advance(1000);
    }
    const links = (await entriesOf(bench)).map(({ resource }) => resource.parameter[0].part[3]?.['valueReference']);
    expect(links).toEqual(ids.map((id) => ({ reference: `https://reporting.example/fhir/Binary/${id}` })));
  });
  test('contract, job status: fullUrl is the bare id of the job, and that of its Parameters', async () => {
    const bench = createContractBench();
    await bench.orderId();
    const [entry] = await entriesOf(bench);
    const { jobId } = bench.api.jobs.all()[0] as Job;
    expect([entry?.fullUrl, entry?.resource.id]).toEqual([jobId, jobId]);
  });
  test.each([
    ['reportClass', { valueString: 'com.systematic.ehealth.reporting.reports.PatientsUsageReport' }],
    ['userId', { valueString: demoUser }],
    ['status', { valueString: 'DONE' }],
    [
      'binary',
      { valueReference: { reference: expect.stringMatching(/^https:\/\/reporting\.example\/fhir\/Binary\//) } },
    ],
    [
      'parameters',
      { resource: { resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: 'None' }] } },
    ],
    ['created', { valueDateTime: '2026-04-16T11:44:11+00:00' }],
    ['started', { valueDateTime: '2026-04-16T11:44:16+00:00' }],
    ['ended', { valueDateTime: '2026-04-16T11:44:16+00:00' }],
    ['deadline', { valueDateTime: '2026-04-16T11:59:11+00:00' }],
    ['attempts', { valueInteger: 1 }],
  ])('contract, job status: part %s', async (name, value) => {
    const bench = createContractBench();
    await bench.finishedId();
    expect(await partOf(bench, name)).toEqual({ name, ...value });
  });
  test('contract, job status: the parts stand in one parameter reportJob in the order of the contract', async () => {
    const bench = createContractBench();
    await bench.finishedId();
    expect((await entriesOf(bench))[0]?.resource.parameter[0].name).toBe('reportJob');
    const names = 'reportClass userId status binary parameters created started ended deadline attempts';
    expect((await partsOf(bench)).map(({ name }) => name).join(' ')).toBe(names);
  });
  test('contract, job status: started and ended are absent until reached', async () => {
    const bench = createContractBench();
    await bench.orderId();
    expect((await partsOf(bench)).map(({ name }) => name)).not.toContain('started');
    const running = createContractBench();
    const lease = { token: 'a', until: sampleTime + 60_000 };
    await running.api.jobs.place(demoTenant, sampleJob({ status: 'RUNNING', attempts: 1, started: sampleTime, lease }));
    const names = (await partsOf(running)).map(({ name }) => name);
    expect([names.includes('started'), names.includes('ended')]).toEqual([true, false]);
  });
  test('contract, job status: a FAILED job has an outcome with the OperationOutcome', async () => {
    const bench = createContractBench();
    await bench.failedId();
    expect((await partsOf(bench)).at(-1)).toMatchObject({
      name: 'outcome',
      resource: {
        resourceType: 'OperationOutcome',
        issue: [{ details: { coding: [{ code: 'REPORTING_REPORT_GENERATION_FAILED' }] } }],
      },
    });
  });
});

describe('contract, job status: the five statuses', () => {
  const reach: Readonly<Record<Job['status'], (bench: ContractBench) => Promise<unknown>>> = {
    QUEUED: (bench) => bench.orderId(),
    RUNNING: async (bench) => {
      const lease = { token: 'a', until: sampleTime + 60_000 };
      const claim = { lease, now: sampleTime, maxAttempts: 4, deadlineMargin: 0 };
      await bench.api.jobs.claim(demoTenant, await bench.orderId(), claim);
    },
    DONE: (bench) => bench.finishedId(),
    FAILED: (bench) => bench.failedId(),
    CANCELLED: async (bench) => bench.call('DELETE', `Binary/${await bench.orderId()}`),
  };
  test.each(Object.entries(reach))('contract, job status: %s', async (status, bring) => {
    const bench = createContractBench();
    await bring(bench);
    expect(await partOf(bench, 'status')).toEqual({ name: 'status', valueString: status });
  });
});

describe('contract, waiting:', () => {
  test('contract, waiting: every response that shows a waiting job carries Retry-After', async () => {
    const bench = createContractBench();
    const order = await bench.order();
    const { id } = order.json<{ id: string }>();
    const shown = [order, await ask(bench), await bench.call('GET', `Binary/${id}`)];
    shown.push(
      await bench.call('GET', `Binary/${id}/_history`),
      await bench.call('GET', `Binary/${id}`, { headers: { accept: '*/*' } }),
    );
    for (const { headers } of shown) expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });
  test('contract, waiting: no Retry-After once the job has ended', async () => {
    const bench = createContractBench();
    const id = await bench.finishedId();
    expect((await ask(bench)).headers).not.toHaveProperty('retry-after');
    expect((await bench.call('GET', `Binary/${id}`)).headers).not.toHaveProperty('retry-after');
  });
  test('contract, waiting: Retry-After is computed, not constant', async () => {
    const bench = createContractBench();
    const first = (await bench.order()).headers['retry-after'];
    bench.api.clock.advance(40_000);
    expect((await ask(bench)).headers['retry-after']).not.toBe(first);
  });
});

describe('contract, deadline:', () => {
  test('contract, deadline: execute ends within 15 minutes', async () => {
    const bench = createContractBench();
    await bench.order();
    expect(await partOf(bench, 'deadline')).toMatchObject({ valueDateTime: '2026-04-16T11:59:11+00:00' });
  });
  test("contract, deadline: schedule ends by 07:00 in the tenant's zone", async () => {
    const bench = createContractBench({ timeZone: 'America/New_York' });
    await bench.order('schedule');
    expect(await partOf(bench, 'deadline')).toMatchObject({ valueDateTime: '2026-04-17T11:00:00+00:00' });
  });
  test('contract, deadline: both are configurable', async () => {
    const night = { from: 3_600_000, to: 2 * 3_600_000, readyBy: 4 * 3_600_000 };
    const bench = createContractBench({ night }, { executeDeadline: 5 * 60_000 });
    await bench.order('schedule');
    expect(await partOf(bench, 'deadline')).toMatchObject({ valueDateTime: '2026-04-17T02:00:00+00:00' });
    bench.api.clock.advance(1000);
    await bench.order('execute');
    expect(await partOf(bench, 'deadline')).toMatchObject({ valueDateTime: '2026-04-16T11:49:12+00:00' });
  });
  test.each(['execute', 'schedule'] as const)(
    'contract, deadline: %s past it is FAILED with a reason, in both places',
    async (mode) => {
      const bench = createContractBench();
      const id = await bench.orderId(mode);
      const { deadline } = bench.api.jobs.all()[0] as Job;
      bench.api.clock.advance(deadline - sampleTime);
      await bench.tick();
      expect(await partOf(bench, 'status')).toMatchObject({ valueString: 'FAILED' });
      expect(await partOf(bench, 'outcome')).toMatchObject({
        resource: { issue: [{ code: 'timeout', details: { text: expect.stringContaining('not finished within') } }] },
      });
      const binary = (await bench.call('GET', `Binary/${id}`)).json();
      expect(binary).toMatchObject({ meta: { versionId: '2' }, contentType: 'application/fhir+json' });
    },
  );
});
