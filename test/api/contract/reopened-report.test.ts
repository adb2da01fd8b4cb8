import { beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../../functions/jobs/job.ts';
import { type ContractBench, createContractBench } from '../../support/contract-bench.ts';
import { demoTenant } from '../../support/sample-job.ts';

const hour = 3_600_000;
let bench: ContractBench;
let id: string;

/** A report that failed an hour ago and was reopened just now. */
beforeEach(async () => {
  bench = createContractBench();
  id = await bench.failedId();
  const { jobs, clock } = bench.api;
  clock.advance(hour);
  const seen = (await jobs.read(demoTenant, id)) as Job;
  const now = clock.now();
  await jobs.reopen(demoTenant, seen, { reopened: now, deadline: now + hour / 4, due: now + 60_000 });
});

const versions = async () => {
  const { entry } = (await bench.call('GET', `Binary/${id}/_history`)).json<{
    entry: { resource: { meta: { versionId: string }; contentType: string }; request: { method: string } }[];
  }>();
  return entry.map(({ resource, request }) => [resource.meta.versionId, resource.contentType, request.method]);
};
const statusParts = async () => {
  const bundle = (await bench.call('GET', '$get-report-job-status')).json<{
    entry: { resource: { parameter: { part: Record<string, unknown>[] }[] } }[];
  }>();
  return bundle.entry[0]?.resource.parameter[0]?.part ?? [];
};
const partOf = (parts: Record<string, unknown>[], name: string) =>
  parts.find((part) => part['name'] === name)?.['valueString'] ??
  parts.find((part) => part['name'] === name)?.['valueInteger'];

describe('a failed report that is done once more', () => {
  test('I11: goes on showing why it failed, as version 2, and says when to ask again', async () => {
    const current = await bench.call('GET', `Binary/${id}`);
    expect(current.json()).toMatchObject({ contentType: 'application/fhir+json', meta: { versionId: '2' } });
    expect(current.headers).toMatchObject({ etag: 'W/"2"', 'retry-after': '1' });
    bench.api.clock.advance(20_000);
    expect((await bench.call('GET', `Binary/${id}/_history/2`)).headers['retry-after']).toBe('10');
    expect((await bench.call('GET', '$get-report-job-status')).headers['retry-after']).toBe('60');
    expect((await bench.call('GET', `Binary/${id}/_history/1`)).headers).not.toHaveProperty('retry-after');
    expect((await bench.call('GET', `Binary/${id}/_history/3`)).status).toBe(404);
  });
  test('waits in the job status like one just ordered: no start, no end, no outcome, no attempts', async () => {
    const parts = await statusParts();
    expect([partOf(parts, 'status'), partOf(parts, 'attempts')]).toEqual(['QUEUED', 0]);
    const names = parts.map(({ name }) => name);
    for (const gone of ['started', 'ended', 'outcome']) expect(names).not.toContain(gone);
  });
  test('H52: is then version 3, with all versions in the history', async () => {
    await bench.work(id);
    const current = await bench.call('GET', `Binary/${id}`);
    expect(current.json()).toMatchObject({ contentType: 'application/gzip-json', meta: { versionId: '3' } });
    expect(current.headers).not.toHaveProperty('retry-after');
    expect(await versions()).toEqual([
      ['3', 'application/gzip-json', 'PUT'],
      ['2', 'application/fhir+json', 'PUT'],
      ['1', 'text/plain', 'POST'],
    ]);
    expect(partOf(await statusParts(), 'status')).toBe('DONE');
  });
  test('can be deleted while it waits: nothing of it is left, and no worker makes it', async () => {
    expect((await bench.call('DELETE', `Binary/${id}`, { headers: { 'if-match': 'W/"2"' } })).status).toBe(200);
    await bench.work(id);
    expect((await bench.call('GET', `Binary/${id}`)).status).toBe(410);
    expect(partOf(await statusParts(), 'status')).toBe('CANCELLED');
    expect(bench.api.content.objects.size).toBe(0);
  });
  test('does not count as an hour in the queue for those who wait for other reports', async () => {
    bench.api.clock.advance(4000);
    await bench.work(id);
    expect(bench.api.pace.items.get('demo#PatientsUsageReport')).toMatchObject({ waiting: 4000 });
  });
});
