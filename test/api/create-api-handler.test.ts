import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller } from '../support/create-test-api.ts';
import { sampleBinaryId } from '../support/sample-job.ts';

const execute = '/fhir/$execute-patient-usage-stats';
const order = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';
const fhir = { 'content-type': 'application/fhir+json; charset=UTF-8', accept: 'application/fhir+json' };
const asOwner = { authorization: 'Bearer owner', ...fhir };
const post = (path: string, own: { headers?: Record<string, string>; body?: string } = {}) =>
  apiEvent('POST', path, { headers: { ...asOwner, ...own.headers }, body: own.body ?? order });

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly [{ readonly code: string; readonly diagnostics: string }];
}

describe('every response', () => {
  const api = createTestApi();
  const standard = {
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
    pragma: 'no-cache',
    expires: '0',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-xss-protection': '0',
    'x-powered-by': expect.stringMatching(/^serverless-reporting\/\d+\.\d+\.\d+/),
  };
  test.each([
    ['an order', post(execute), 200],
    ['an error', apiEvent('GET', '/fhir/nothing', { headers: asOwner }), 404],
    ['a request without a token', apiEvent('GET', '/fhir/nothing'), 401],
  ])('%s carries the standard headers', async (_what, event, status) => {
    const answer = await api.send(event);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject({ ...standard, 'content-type': 'application/fhir+json; charset=UTF-8' });
  });
  test("carries the caller's own request id, an error too", async () => {
    const answer = await api.send(apiEvent('GET', '/fhir/x', { headers: { 'x-request-id': 'mine-1' } }));
    expect(answer.headers?.['x-request-id']).toBe('mine-1');
  });
});

describe('the order of checks', () => {
  const api = createTestApi({ owner: sampleCaller(), roleless: sampleCaller({ roles: new Set() }) });
  const large = 'x'.repeat(70_000);
  const wrongForm = { accept: 'application/fhir+xml', 'content-type': 'text/plain' };
  const without = { authorization: '' };
  const roleless = { authorization: 'Bearer roleless' };
  test.each([
    ['size comes before the token', post('/fhir/nothing', { headers: without, body: large }), 413],
    ['the token comes before the route', apiEvent('DELETE', '/fhir/nothing'), 401],
    ['the route comes before the method', apiEvent('DELETE', '/fhir/nothing', { headers: asOwner }), 404],
    ['the method comes before the role', apiEvent('PUT', execute, { headers: { ...asOwner, ...roleless } }), 405],
    ['the role comes before Accept', post(execute, { headers: { ...roleless, ...wrongForm } }), 403],
    ['Accept comes before Content-Type', post(execute, { headers: wrongForm }), 406],
    [
      'Content-Type comes before the body',
      post(execute, { headers: { 'content-type': 'text/plain' }, body: 'x' }),
      415,
    ],
    ['the body comes last', post(execute, { body: 'x' }), 400],
  ])('%s, and no store is touched', async (_what, event, status) => {
    const before = api.calls();
    const answer = await api.send(event);
    expect(answer.statusCode).toBe(status);
    expect(resourceOf<Outcome>(answer).resourceType).toBe('OperationOutcome');
    expect(api.calls()).toBe(before);
  });
  test('an order without the role for its anonymization touches no store either', async () => {
    const poor = createTestApi({ owner: sampleCaller({ roles: new Set(['$fetch-patient-usage-stats']) }) });
    const answer = await poor.send(post(execute));
    expect(answer.statusCode).toBe(403);
    expect(resourceOf<Outcome>(answer).issue[0].diagnostics).toBe(
      'Insufficient permission for $execute-patient-usage-stats for report-non-anonymized',
    );
    expect(poor.calls()).toBe(0);
  });
});

describe('routes', () => {
  const api = createTestApi();
  const statusOf = async (method: string, path: string) =>
    (await api.send(apiEvent(method, path, { headers: asOwner }))).statusCode;
  test.each([
    '/fhir/Patient/1',
    '/fhir/$other',
    '/fhir/Binary',
    '/fhir/_history',
    '/fhir',
    '/',
    '/fhir//Binary/x',
    '/fhir/./Binary/x',
    '/fhir/Binary/a/b',
    '/fhir/Binary/a/../metadata',
    '/fhir/%24execute-patient-usage-stats',
    `/fhir/Binary/${'a'.repeat(5000)}`,
  ])('%s is nothing here', async (path) => {
    const answer = await api.send(apiEvent('GET', path, { headers: asOwner }));
    expect([answer.statusCode, resourceOf<Outcome>(answer).issue[0].code]).toEqual([404, 'not-supported']);
  });
  test('a trailing slash is tolerated', async () => {
    expect(await statusOf('GET', '/fhir/$get-report-job-status/')).toBe(200);
    expect((await api.send(post(`${execute}/`))).statusCode).toBe(200);
  });
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'FOO', '', 'constructor'])(
    'method %j on an order is 405 with Allow',
    async (method) => {
      const answer = await api.send(apiEvent(method, execute, { headers: asOwner }));
      expect([answer.statusCode, answer.headers?.['allow']]).toEqual([405, 'POST']);
    },
  );
  test('H71: POST, PUT and PATCH on a Binary are 405, alike for every id, and look nothing up', async () => {
    const before = api.calls();
    for (const method of ['POST', 'PUT', 'PATCH']) {
      expect(await statusOf(method, `/fhir/Binary/${sampleBinaryId()}`)).toBe(405);
      expect(await statusOf(method, '/fhir/Binary/x')).toBe(405);
    }
    expect(api.calls()).toBe(before);
  });
});

describe('faults inside', () => {
  test('an unexpected error is 500, tells nothing of itself and is an error event', async () => {
    const verifier = { verify: () => Promise.reject(new TypeError('planted-secret')) };
    const api = createTestApi({}, { verifier });
    const answer = await api.send(post(execute));
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('planted-secret');
    expect(api.logger.of('REQUEST_FAILED')).toMatchObject([{ status: 500, errorName: 'TypeError' }]);
    expect(JSON.stringify(api.logger.entries)).not.toContain('planted-secret');
  });
  test('a dependency that is down is 503 with Retry-After', async () => {
    const verifier = { verify: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    const answer = await createTestApi({}, { verifier }).send(post(execute));
    expect([answer.statusCode, answer.headers?.['retry-after']]).toEqual([503, '5']);
  });
  test('a request that outlives its time is answered 503 before the function ends', async () => {
    const verifier = { verify: () => new Promise<never>(() => {}) };
    const answer = await createTestApi({}, { verifier }).send(post(execute), { getRemainingTimeInMillis: () => 4001 });
    expect([answer.statusCode, resourceOf<Outcome>(answer).issue[0].code]).toEqual([503, 'timeout']);
  });
  test('that answer comes four seconds before the function ends, not sooner and not later', async () => {
    const asked: unknown[] = [];
    const fireAtOnce = (run: () => void, millis: unknown) => {
      asked.push(millis);
      return setImmediate(run);
    };
    // Middy binds the named export of node:timers.
    const spy = vi.spyOn(timers, 'setTimeout').mockImplementation(fireAtOnce as unknown as typeof setTimeout);
    syncBuiltinESMExports();
    try {
      const verifier = { verify: () => new Promise<never>(() => {}) };
      const context = { getRemainingTimeInMillis: () => 29_000 };
      expect((await createTestApi({}, { verifier }).send(post(execute), context)).statusCode).toBe(503);
      expect(asked).toContain(25_000);
    } finally {
      spy.mockRestore();
      syncBuiltinESMExports();
    }
  });
});

test('an answer leaves when its message has been sent or given up, not before, and its audit event does not wait for that', async () => {
  const sending = Promise.withResolvers<void>();
  const api = createTestApi(undefined, { queue: { send: () => sending.promise } });
  let hasLeft = false;
  const answer = api.send(post(execute)).finally(() => {
    hasLeft = true;
  });
  await vi.waitFor(() => expect(api.audited).toHaveLength(1));
  expect([hasLeft, api.audited[0]?.outcomeDesc]).toEqual([false, '200']);
  sending.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
  expect((await answer).statusCode).toBe(200);
  expect(api.logger.of('ENQUEUE_FAILED')).toHaveLength(1);
});

describe('compression', () => {
  test('large FHIR JSON is gzipped where it is accepted, small is not', async () => {
    const api = createTestApi();
    const status = { headers: { ...asOwner, 'accept-encoding': 'gzip' } };
    const small = await api.send(apiEvent('GET', '/fhir/$get-report-job-status', status));
    expect(small.headers).not.toHaveProperty('content-encoding');
    for (let n = 0; n < 3; n += 1) await api.send(post(execute));
    const large = await api.send(apiEvent('GET', '/fhir/$get-report-job-status', status));
    expect(large).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    const plain = await api.send(apiEvent('GET', '/fhir/$get-report-job-status', { headers: asOwner }));
    expect(gunzipSync(Buffer.from(large.body ?? '', 'base64')).toString()).toBe(plain.body);
  });
});

test('each request is one event in the log with its route, status and duration', async () => {
  const api = createTestApi();
  await api.send(post(execute));
  await api.send(apiEvent('GET', '/fhir/planted-secret', { headers: asOwner }));
  expect(api.logger.of('REQUEST_COMPLETED')).toMatchObject([
    { route: '$execute-patient-usage-stats', method: 'POST', status: 200, tenant: 'demo', milliseconds: 0 },
    { status: 404, errorCode: 'GENERAL_ROUTE_NOT_FOUND', tenant: 'demo' },
  ]);
  expect(JSON.stringify(api.logger.entries)).not.toContain('planted-secret');
});
