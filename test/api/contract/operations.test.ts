import { describe, expect, test } from 'vitest';
import { createContractBench, errorOf } from '../../support/contract-bench.ts';

const forbidden = { status: 403, issue: 'forbidden', code: 'SECURITY_TOKEN_INSUFFICIENT_PERMISSION' };
const modes = ['execute', 'schedule', 'fetch'] as const;

describe('contract, operations: who may call', () => {
  test.each(modes)(
    'contract, operations: POST $%s-patient-usage-stats needs $fetch-patient-usage-stats',
    async (mode) => {
      const bench = createContractBench();
      const body = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"ANONYMIZED"}]}';
      expect(errorOf(await bench.order(mode, { as: 'reader', body }))).toMatchObject({
        ...forbidden,
        text: `Insufficient permission for $${mode}-patient-usage-stats for $fetch-patient-usage-stats`,
      });
      expect((await bench.order(mode, { as: 'orderer', body })).status).toBe(200);
    },
  );
  const reads = [
    ['POST', '$get-report-job-status', '$get-report-job-status'],
    ['GET', '$get-report-job-status', '$get-report-job-status'],
    ['GET', 'Binary/{id}', 'Binary read'],
    ['GET', 'Binary/{id}/_history/1', 'Binary read'],
    ['GET', 'Binary/{id}/_history', 'Binary history'],
    ['DELETE', 'Binary/{id}', 'Binary delete'],
  ] as const;
  test.each(reads)('contract, operations: %s %s needs Binary.read and nothing else', async (method, template, name) => {
    const bench = createContractBench();
    const path = template.replace('{id}', await bench.orderId());
    expect(errorOf(await bench.call(method, path, { as: 'orderer' }))).toMatchObject({
      ...forbidden,
      text: `Insufficient permission for ${name} for Binary.read`,
    });
    expect((await bench.call(method, path, { as: 'reader' })).status).toBe(200);
  });
  test.each(['metadata', 'OperationDefinition', 'OperationDefinition/-s-execute-patient-usage-stats'])(
    'contract, operations: GET %s needs no token',
    async (path) => expect((await createContractBench().call('GET', path, { as: '' })).status).toBe(200),
  );
});

describe('contract, operations: what each does', () => {
  test('contract, operations: $execute answers with the placeholder and wakes a worker at once', async () => {
    const bench = createContractBench();
    const id = await bench.orderId();
    expect(bench.api.sent).toEqual([id]);
    expect((await bench.call('GET', `Binary/${id}`)).json()).toMatchObject({ contentType: 'text/plain' });
  });
  test('contract, operations: $schedule answers with the placeholder and is ready the next morning', async () => {
    const bench = createContractBench();
    const answer = await bench.order('schedule');
    expect(answer.json()).toMatchObject({ meta: { versionId: '1' }, contentType: 'text/plain' });
    expect(bench.api.sent).toEqual([]);
    const [job] = bench.api.jobs.all();
    expect(job?.releaseAt).toBeGreaterThanOrEqual(Date.parse('2026-04-17T01:00:00+02:00'));
    expect(job?.releaseAt).toBeLessThan(Date.parse('2026-04-17T05:00:00+02:00'));
    expect(job?.deadline).toBe(Date.parse('2026-04-17T07:00:00+02:00'));
  });
  test('contract, operations: $fetch generates in the call and stores nothing', async () => {
    const bench = createContractBench();
    const { data } = (await bench.order('fetch')).json<{ data: string }>();
    expect(Buffer.from(data, 'base64').subarray(0, 2).toString()).toBe('PK');
    expect([bench.api.jobs.all().length, bench.api.content.objects.size]).toEqual([0, 0]);
  });
  test('contract, operations: the Binary of $fetch has no id, versionId and lastUpdated, only meta.profile', async () => {
    const resource = (await createContractBench().order('fetch')).json();
    expect(resource).not.toHaveProperty('id');
    expect(resource['meta']).toEqual({ profile: ['http://hl7.org/fhir/StructureDefinition/Binary'] });
  });
  test.each(['location', 'content-location', 'last-modified', 'etag'])(
    'contract, operations: $fetch answers without %s',
    async (name) => expect((await createContractBench().order('fetch')).headers).not.toHaveProperty(name),
  );
  test.each(['GET', 'POST'])(
    "contract, operations: %s $get-report-job-status shows the caller's own jobs of execute and schedule, not fetch",
    async (method) => {
      const bench = createContractBench();
      for (const mode of modes) await bench.order(mode);
      const { entry } = (await bench.call(method, '$get-report-job-status')).json<{ entry: readonly object[] }>();
      expect(entry).toHaveLength(2);
      expect((await bench.call(method, '$get-report-job-status', { as: 'colleague' })).json()).not.toHaveProperty(
        'entry',
      );
    },
  );
  test('contract, operations: GET Binary/{id} is the current version, _history/{vid} that version', async () => {
    const bench = createContractBench();
    const id = await bench.finishedId();
    const versionOf = async (path: string) =>
      (await bench.call('GET', path)).json<{ meta: { versionId: string } }>().meta.versionId;
    expect(await versionOf(`Binary/${id}`)).toBe('2');
    expect(await versionOf(`Binary/${id}/_history/1`)).toBe('1');
    expect(await versionOf(`Binary/${id}/_history/2`)).toBe('2');
  });
  test('contract, operations: GET Binary/{id}/_history is a history Bundle', async () => {
    const bench = createContractBench();
    const history = await bench.call('GET', `Binary/${await bench.finishedId()}/_history`);
    expect(history.json()).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 2 });
  });
  test('contract, operations: DELETE cancels a job that still waits', async () => {
    const bench = createContractBench();
    await bench.call('DELETE', `Binary/${await bench.orderId()}`);
    expect(bench.api.jobs.all()).toMatchObject([{ status: 'CANCELLED' }]);
  });
  test('contract, operations: GET /metadata is a CapabilityStatement', async () =>
    expect((await createContractBench().call('GET', 'metadata')).json()['resourceType']).toBe('CapabilityStatement'));
  test('contract, operations: GET /OperationDefinition lists the definitions, each is read by its id', async () => {
    const bench = createContractBench();
    const list = await bench.call('GET', 'OperationDefinition');
    const { entry } = list.json<{ entry: readonly { resource: { id: string } }[] }>();
    expect(entry).toHaveLength(4);
    for (const { resource } of entry) {
      expect((await bench.call('GET', `OperationDefinition/${resource.id}`)).json()).toEqual(resource);
    }
  });
  test('contract, operations: HEAD works where GET does', async () => {
    const bench = createContractBench();
    const id = await bench.orderId();
    const paths = ['$get-report-job-status', `Binary/${id}`, `Binary/${id}/_history`, `Binary/${id}/_history/1`];
    for (const path of [...paths, 'metadata', 'OperationDefinition']) {
      const head = await bench.call('HEAD', path);
      expect([path, head.status, head.bytes.length]).toEqual([path, 200, 0]);
    }
  });
  test('contract, operations: a trailing slash is tolerated', async () => {
    const bench = createContractBench();
    const id = await bench.orderId();
    for (const path of ['$get-report-job-status/', `Binary/${id}/`, `Binary/${id}/_history/1/`, 'metadata/']) {
      expect([path, (await bench.call('GET', path)).status]).toEqual([path, 200]);
    }
  });
});
