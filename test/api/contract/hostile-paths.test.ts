import { beforeEach, describe, expect, test } from 'vitest';
import { largestAnswer } from '../../../functions/api/operations/read-binary.ts';
import { contentKey, describeStoredVersion, reportContentType } from '../../../functions/binaries/binary.ts';
import { toGatewayEvent } from '../../../local/gateway-event.ts';
import { apiEvent } from '../../support/api-event.ts';
import { type ContractBench, createContractBench, errorOf } from '../../support/contract-bench.ts';
import { contractOrder } from '../../support/fhir-client.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../../support/sample-job.ts';

let bench: ContractBench;

beforeEach(() => {
  bench = createContractBench();
});

const missing = { status: 404, issue: 'not-found', code: 'GENERAL_RESOURCE_NOT_FOUND' };
const nothing = { status: 404, issue: 'not-supported', code: 'GENERAL_ROUTE_NOT_FOUND' };

describe('methods:', () => {
  test.each(['GET', 'PUT', 'HEAD', 'DELETE'])('H38: %s on an order is 405 with Allow: POST', async (method) => {
    for (const mode of ['execute', 'schedule', 'fetch']) {
      const { status, headers } = await bench.call(method, `$${mode}-patient-usage-stats`);
      expect([status, headers['allow']]).toEqual([405, 'POST']);
    }
  });
  test.each(['OPTIONS', 'TRACE', 'CONNECT', 'FOO'])('H40: %s is 405', async (method) => {
    for (const path of ['$execute-patient-usage-stats', `Binary/${sampleBinaryId()}`, 'metadata']) {
      expect((await bench.call(method, path)).status).toBe(405);
    }
  });
  test.each(['PUT', 'PATCH', 'POST'])(
    'H71: %s on a Binary is 405 with Allow, alike for own, foreign and unknown ids, and looks nothing up',
    async (method) => {
      const own = await bench.finishedId();
      const before = bench.api.calls();
      for (const [as, id] of [
        ['owner', own],
        ['colleague', own],
        ['owner', sampleBinaryId('f')],
        ['owner', 'x'],
      ] as const) {
        const { status, headers } = await bench.call(method, `Binary/${id}`, { as });
        expect([status, headers['allow']]).toEqual([405, 'GET, HEAD, DELETE']);
      }
      expect(bench.api.calls()).toBe(before);
    },
  );
});

describe('paths:', () => {
  test.each([
    ['/fhir/$get-report-job-status', 200],
    ['/fhir/%24get-report-job-status', 200],
    ['/fhir/%2524get-report-job-status', 404],
  ])('H41: %s, as the gateway hands it on, is %i', async (target, status) => {
    const wire = { method: 'GET', target, rawHeaders: ['Authorization', 'Bearer owner'], body: new Uint8Array() };
    const event = toGatewayEvent({ ...wire, sourceIp: '192.0.2.1' });
    if (event === undefined) throw new TypeError('a path that can be read');
    expect((await bench.api.send(event)).statusCode).toBe(status);
  });
  test.each(['..', '.', '%2e%2e%2f', '\\', '..\\metadata', 'a b'])('H44: Binary/%s is 404', async (id) =>
    expect(errorOf(await bench.call('GET', `Binary/${id}`))).toMatchObject(missing),
  );
  test.each(['../', '../../metadata', 'a/b', '../metadata'])('H44: Binary/%s is nothing here', async (rest) =>
    expect((await bench.call('GET', `Binary/${rest}`)).status).toBe(404),
  );
  test.each([
    ['1 character', 'p'],
    ['64 characters', 'p'.repeat(64)],
    ['65 characters', 'p'.repeat(65)],
    ['5 000 characters', 'p'.repeat(5000)],
    ['emoji', 'pp😀pp'],
    ['full-width digits', 'pp０１２'],
    ['CRLF', 'pp\r\npp'],
    ['NUL', 'pp\u0000pp'],
    ['capital letters', sampleBinaryId().toUpperCase()],
  ])('H46: an id of %s is 404 and not repeated', async (_what, id) => {
    const { status, text } = await bench.call('GET', `Binary/${id}`);
    expect(status).toBe(404);
    expect(text).not.toContain(id.length === 1 ? `id ${id} ` : id);
  });
  test.each(['Patient/1', '$other', 'Binary', '_history', ''])('H49: /%s is 404 not-supported', async (path) =>
    expect(errorOf(await bench.call('GET', path))).toMatchObject(nothing),
  );
  test.each([
    ['a stage in front', '/prod/fhir/$get-report-job-status', 'prod'],
    ['no stage', '/fhir/$get-report-job-status', '$default'],
    ["a custom domain's mapping left out", '/$get-report-job-status', '$default'],
    ['a stage, a mapping left out', '/prod/$get-report-job-status', 'prod'],
  ])('H50: with %s the path works', async (_what, rawPath, stage) => {
    const event = apiEvent('GET', rawPath, { headers: { authorization: 'Bearer owner' } });
    const answer = await bench.api.send({ ...event, requestContext: { ...event.requestContext, stage } });
    expect(answer.statusCode).toBe(200);
  });
  test.each([
    '/metadata',
    './metadata',
    'metadata;jsessionid=1',
    '\\metadata',
    'metadata\\',
    '$get-report-job-status//',
    'Binary//x',
  ])('H72: the path /fhir/%s is 404 without a redirect', async (path) => {
    const { status, headers } = await bench.call('GET', path);
    expect([status, headers['location']]).toEqual([404, undefined]);
  });
});

describe('ids:', () => {
  test('H52: _history/2 before completion and _history/3 ever are 404', async () => {
    const waiting = await bench.orderId();
    expect(errorOf(await bench.call('GET', `Binary/${waiting}/_history/2`))).toMatchObject(missing);
    const finished = await bench.finishedId();
    expect((await bench.call('GET', `Binary/${finished}/_history/2`)).status).toBe(200);
    expect(errorOf(await bench.call('GET', `Binary/${finished}/_history/3`))).toMatchObject(missing);
  });
  /** What reaches for a Binary that is not one's own. The one of `finishedId` is somebody else's to `colleague` and `namesake`. */
  const strangers = async () => {
    const id = await bench.finishedId();
    return [
      ['owner', sampleBinaryId('f')],
      ['colleague', id],
      ['namesake', id],
      ['owner', 'x'],
      ['colleague', '-'.repeat(300)],
    ] as const;
  };
  test.each([
    ['GET', '', {}],
    ['HEAD', '', {}],
    ['GET', '', { accept: '*/*' }],
    ['GET', '', { 'if-none-match': '*' }],
    ['GET', '', { 'if-none-match': 'W/"2"' }],
    ['GET', '/_history', {}],
    ['GET', '/_history/1', {}],
    ['GET', '/_history/2', { 'if-none-match': 'W/"2"' }],
    ['GET', '/_history/9', {}],
    ['DELETE', '', {}],
    ['DELETE', '', { 'if-match': '*' }],
    ['DELETE', '', { 'if-match': 'W/"9"' }],
  ])(
    "H56: %s Binary/{id}%s with %j: an unknown id, another user's, another tenant's and a malformed one look and cost the same",
    async (method, rest, headers) => {
      const looks: unknown[] = [];
      for (const [as, id] of await strangers()) {
        const [calls, lines] = [bench.api.called().length, bench.api.logger.entries.length];
        const own = { as, headers: { ...headers, 'x-request-id': 'same' } };
        const answer = await bench.call(method, `Binary/${id}${rest}`, own);
        looks.push({
          status: answer.status,
          headers: answer.headers,
          text: answer.text.replace(id.length > 30 && id.includes('01963e5f') ? id : '(malformed)', 'ID'),
          work: bench.api.called().slice(calls),
          log: bench.api.logger.entries.slice(lines).map(({ event, fields }) => ({ event, ...fields, tenant: '' })),
        });
      }
      expect(looks[0]).toMatchObject({ status: 404, work: ['jobs.read'] });
      for (const look of looks) expect(look).toEqual(looks[0]);
    },
  );
  test('H56: none of them takes longer than another', async () => {
    const kinds = await strangers();
    const times = kinds.map((): number[] => []);
    for (let round = 0; round < 200; round += 1) {
      for (const [kind, [as, id]] of kinds.entries()) {
        const begun = performance.now();
        await bench.call('GET', `Binary/${id}`, { as });
        times[kind]?.push(performance.now() - begun);
      }
    }
    const medians = times.map((all) => all.sort((one, other) => one - other)[100] ?? 0);
    // They differ by a tenth or so; one that reads the content, or looks twice, or not at all, shows in the calls above.
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2);
  });
  test('H57: without Binary.read any id is 403 forbidden, decided before any lookup', async () => {
    const ids = [await bench.finishedId(), sampleBinaryId('f'), 'x'];
    const before = bench.api.calls();
    for (const id of ids) {
      for (const [method, rest] of [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/_history'],
        ['GET', '/_history/1'],
      ] as const) {
        expect(errorOf(await bench.call(method, `Binary/${id}${rest}`, { as: 'orderer' }))).toMatchObject({
          status: 403,
          issue: 'forbidden',
        });
      }
    }
    expect(bench.api.calls()).toBe(before);
  });
  test.each(['deleted', 'expired'])('H58: %s is 410 deleted for its owner and 404 for everyone else', async (how) => {
    const id = await bench.finishedId();
    if (how === 'deleted') await bench.call('DELETE', `Binary/${id}`);
    else bench.api.clock.advance(90 * 24 * 3_600_000);
    expect(errorOf(await bench.call('GET', `Binary/${id}`))).toMatchObject({ status: 410, issue: 'deleted' });
    for (const as of ['colleague', 'namesake']) {
      expect(errorOf(await bench.call('GET', `Binary/${id}`, { as }))).toMatchObject(missing);
    }
  });
});

describe('sizes and expressions:', () => {
  test.each([
    [-1, 200],
    [0, 200],
    [1, 302],
  ])('H68: content that is %i byte over what an answer holds is %i', async (over, status) => {
    const { due: _due, ...job } = sampleJob();
    const key = contentKey(demoTenant, job.binaryId, 2, 'a');
    const bytes = new Uint8Array(largestAnswer + over);
    const made = { versionId: 2, contentType: reportContentType, bytes, lastUpdated: sampleTime, writer: 'a' };
    await bench.api.content.put(demoTenant, { key, contentType: reportContentType, bytes });
    const versions = [...job.versions, describeStoredVersion(made, key)];
    await bench.api.jobs.place(demoTenant, { ...job, status: 'DONE', versions });
    const read = (as: string) => bench.call('GET', `Binary/${job.binaryId}`, { as, headers: { accept: '*/*' } });
    const answer = await read('owner');
    expect([answer.status, answer.headers['location'] !== undefined]).toEqual([status, status === 302]);
    expect((await read('colleague')).status).toBe(404);
  });
  test.each([
    ['the path', { path: `Binary/${`${'a-'.repeat(200)}!`}` }],
    ['the request id', { headers: { 'x-request-id': `${'a'.repeat(9000)}!` } }],
    ['the key', { headers: { 'idempotency-key': `${'a'.repeat(9000)} ` } }],
    ['the content type', { headers: { 'content-type': `application/fhir+json${'; a="\\'.repeat(2000)}` } }],
    ['the tag', { headers: { 'if-none-match': `${'W/"'.repeat(3000)}!` } }],
    ['the encoding', { headers: { 'accept-encoding': `${'gzip;q=0.'.repeat(900)}!` } }],
    ['the cursor', { query: `_cursor=${'a'.repeat(9000)}!&_count=${'9'.repeat(9000)}` }],
  ])(
    'H65: no expression takes long over %s',
    async (_what, own: { path?: string; headers?: Record<string, string>; query?: string }) => {
      const begun = performance.now();
      const { path = '$execute-patient-usage-stats', ...rest } = own;
      await bench.call('POST', path, { body: contractOrder, ...rest });
      for (const read of ['$get-report-job-status', `Binary/${sampleBinaryId()}`]) await bench.call('GET', read, rest);
      expect(performance.now() - begun).toBeLessThan(2000);
    },
  );
});
