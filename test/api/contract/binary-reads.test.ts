import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type ContractBench, createContractBench, errorOf, errorRow } from '../../support/contract-bench.ts';
import { sampleBinaryId } from '../../support/sample-job.ts';

let bench: ContractBench;
let id: string;

beforeEach(async () => {
  bench = createContractBench();
  id = await bench.finishedId();
});

describe('contract, Binary headers:', () => {
  test('contract, Binary headers: ETag is W/"<versionId>"', async () => {
    expect((await bench.call('GET', `Binary/${id}`)).headers['etag']).toBe('W/"2"');
    expect((await bench.call('GET', `Binary/${id}/_history/1`)).headers['etag']).toBe('W/"1"');
  });
  test('contract, Binary headers: Last-Modified is meta.lastUpdated to the second', async () =>
    expect((await bench.call('GET', `Binary/${id}`)).headers['last-modified']).toBe('Thu, 16 Apr 2026 11:44:16 GMT'));
  test('contract, Binary headers: Content-Location is the link of the version', async () =>
    expect((await bench.call('GET', `Binary/${id}`)).headers['content-location']).toBe(
      `https://reporting.example/fhir/Binary/${id}/_history/2`,
    ));
  test.each(['location', 'x-security-context'])(
    'contract, Binary headers: no %s, as resource and raw',
    async (name) => {
      for (const accept of ['application/fhir+json', '*/*']) {
        expect((await bench.call('GET', `Binary/${id}`, { headers: { accept } })).headers).not.toHaveProperty(name);
      }
    },
  );
});

describe('contract, conditional requests:', () => {
  test('contract, conditional requests: If-None-Match gives 304 without touching the content store', async () => {
    const get = vi.spyOn(bench.api.content, 'get');
    const answer = await bench.call('GET', `Binary/${id}`, { headers: { 'if-none-match': 'W/"2"' } });
    expect([answer.status, answer.bytes.length, get.mock.calls.length]).toEqual([304, 0, 0]);
    expect((await bench.call('GET', `Binary/${id}`, { headers: { 'if-none-match': 'W/"1"' } })).status).toBe(200);
    expect(get).toHaveBeenCalledOnce();
  });
  test('contract, conditional requests: If-Match on DELETE is honoured', async () => {
    const remove = (tag: string) => bench.call('DELETE', `Binary/${id}`, { headers: { 'if-match': tag } });
    expect((await remove('W/"1"')).status).toBe(412);
    expect((await bench.call('GET', `Binary/${id}`)).status).toBe(200);
    expect((await remove('W/"2"')).status).toBe(200);
  });
});

describe('contract, who may read:', () => {
  const paths = (of: string) => [`Binary/${of}`, `Binary/${of}/_history`, `Binary/${of}/_history/1`];

  test('contract, who may read: the user who ordered it, in the same tenant, with Binary.read', async () => {
    for (const path of paths(id)) expect((await bench.call('GET', path)).status).toBe(200);
    expect((await bench.call('GET', `Binary/${id}`, { as: 'orderer' })).status).toBe(403);
  });
  test.each([
    ['another user of the tenant', 'colleague'],
    ['a user of the same user_id in another tenant', 'namesake'],
  ])('contract, who may read: %s gets 404, the same body as for an id that never was', async (_who, as) => {
    const unknown = sampleBinaryId('f');
    for (const [at, path] of paths(id).entries()) {
      const foreign = await bench.call('GET', path, { as });
      const never = await bench.call('GET', paths(unknown)[at] ?? '', { as });
      expect([foreign.status, foreign.text.replaceAll(id, unknown)]).toEqual([404, never.text]);
    }
    expect((await bench.call('DELETE', `Binary/${id}`, { as })).status).toBe(404);
  });
  test('contract, who may read: deleted is 410 for its owner and 404 for everyone else', async () => {
    await bench.call('DELETE', `Binary/${id}`);
    for (const path of paths(id)) {
      expect((await bench.call('GET', path)).status).toBe(410);
      for (const as of ['colleague', 'namesake']) expect((await bench.call('GET', path, { as })).status).toBe(404);
    }
  });
});

describe('contract, DELETE:', () => {
  test('contract, DELETE: answers 200 with the OperationOutcome of the contract', async () => {
    const answer = await bench.call('DELETE', `Binary/${id}`);
    const system = 'https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code';
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        resourceType: 'OperationOutcome',
        issue: [
          {
            severity: 'information',
            code: 'informational',
            details: { coding: [{ system, code: 'SUCCESSFUL_DELETE' }] },
            diagnostics: 'Successfully deleted 1 resource(s).',
          },
        ],
      },
    ]);
  });
  test('contract, DELETE: a second DELETE answers 410', async () => {
    await bench.call('DELETE', `Binary/${id}`);
    expect(errorOf(await bench.call('DELETE', `Binary/${id}`))).toEqual(
      errorRow('GENERAL_RESOURCE_DELETED', 410, 'deleted', 'Resource was deleted at 2026-04-16T11:44:16.919+00:00'),
    );
  });
  test('contract, DELETE: all stored bytes of all versions are gone when it answers', async () => {
    expect(bench.api.content.objects.size).toBe(1);
    await bench.call('DELETE', `Binary/${id}`);
    expect(bench.api.content.objects.size).toBe(0);
  });
});
