import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { OperationDefinition } from '../../functions/fhir/operation-definition.ts';
import type { OperationOutcome } from '../../functions/fhir/operation-outcome.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, resourceOf } from '../support/create-test-api.ts';

const definition = '/fhir/OperationDefinition/-s-execute-patient-usage-stats';
const paths = ['/fhir/metadata', '/fhir/OperationDefinition', definition, '/fhir/openapi.json'];
const codeOf = (answer: Parameters<typeof resourceOf>[0]) => resourceOf<OperationOutcome>(answer).issue[0].code;

/** Nobody is known, and asking is counted. */
const createClosedApi = () => {
  let verified = 0;
  const verify = () => {
    verified += 1;
    return Promise.reject(new Error('no token was to be looked at'));
  };
  const api = createTestApi({}, { verifier: { verify } });
  return { ...api, verified: () => verified };
};

describe.each(paths)('%s', (path) => {
  const api = createClosedApi();
  const ask = (method: string, headers: Record<string, string> = {}, query = '') =>
    api.send(apiEvent(method, path, { headers, query }));

  test('is for everyone: no token, or whatever token, is not even looked at, and no store is touched', async () => {
    const open = await ask('GET');
    expect(open.statusCode).toBe(200);
    for (const authorization of ['Bearer wrong', 'Bearer a, Bearer b', 'Basic x', '']) {
      expect((await ask('GET', { authorization })).body).toBe(open.body);
    }
    expect([api.verified(), api.calls()]).toEqual([0, 0]);
  });

  test('can be kept for five minutes and carries a tag, for which 304 is answered', async () => {
    const { headers = {} } = await ask('GET');
    expect(headers).toMatchObject({ 'cache-control': 'public, max-age=300', vary: 'accept, accept-encoding' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers).not.toHaveProperty('pragma');
    expect(headers).not.toHaveProperty('expires');
    const known = await ask('GET', { 'if-none-match': String(headers['etag']) });
    expect([known.statusCode, known.body, known.headers?.['etag']]).toEqual([304, undefined, headers['etag']]);
    expect(known.headers?.['cache-control']).toBe('public, max-age=300');
  });

  test('HEAD gives the same headers without a body', async () => {
    const [got, head] = [await ask('GET'), await ask('HEAD')];
    const { 'x-request-id': _one, ...ofGet } = got.headers ?? {};
    const { 'x-request-id': _other, ...ofHead } = head.headers ?? {};
    expect([head.statusCode, head.body, ofHead]).toEqual([200, undefined, ofGet]);
  });

  test('is gzipped for who takes it, under the same tag', async () => {
    const plain = await ask('GET');
    const packed = await ask('GET', { 'accept-encoding': 'gzip' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers?.['etag'] });
    expect(gunzipSync(Buffer.from(packed.body ?? '', 'base64')).toString()).toBe(plain.body);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'FOO'])(
    '%s is 405 with Allow, also without a token, and is kept by nobody',
    async (method) => {
      const answer = await ask(method);
      expect([answer.statusCode, answer.headers?.['allow']]).toEqual([405, 'GET, HEAD']);
      expect(answer.headers?.['cache-control']).toContain('no-store');
    },
  );

  test('is not there as XML, unless _format says JSON', async () => {
    const xml = { accept: 'application/fhir+xml' };
    const refused = await ask('GET', xml);
    expect([refused.statusCode, codeOf(refused)]).toEqual([406, 'not-supported']);
    expect((await ask('GET', xml, '_format=json')).statusCode).toBe(200);
    expect((await ask('GET', { accept: '*/*' }, '_format=xml')).statusCode).toBe(406);
  });

  test('a body of more than 64 kB is 413 here too', async () => {
    const answer = await api.send(apiEvent('POST', path, { body: 'x'.repeat(70_000) }));
    expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'too-long']);
  });
});

test.each([
  '/fhir/metadata/x',
  '/fhir/Metadata',
  '/fhir/OperationDefinition/-s-x/_history',
  '/fhir/openapi.yaml',
  '/fhir/Patient/1',
  '/fhir',
])('%s is not public: 401 without a token', async (path) => {
  const answer = await createTestApi().send(apiEvent('GET', path));
  expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'login']);
});

test('a refusal names the type that the path has', async () => {
  const api = createTestApi();
  const headers = { accept: 'application/fhir+xml' };
  const texts = [];
  for (const path of ['/fhir/metadata', '/fhir/openapi.json']) {
    const answer = await api.send(apiEvent('GET', path, { headers }));
    texts.push(resourceOf<OperationOutcome>(answer).issue[0].diagnostics.split('Send ')[1]);
  }
  expect(texts).toEqual(['"Accept: application/fhir+json".', '"Accept: application/json".']);
});

test('FHIR documents come as FHIR JSON for application/json and for */*, the OpenAPI document as plain JSON', async () => {
  const api = createTestApi();
  for (const accept of ['application/fhir+json', 'application/json', '*/*', 'text/html, */*;q=0.1']) {
    const answer = await api.send(apiEvent('GET', '/fhir/metadata', { headers: { accept } }));
    expect(answer.headers?.['content-type']).toBe('application/fhir+json; charset=UTF-8');
  }
  for (const [accept, status] of [
    ['application/json', 200],
    ['*/*', 200],
    ['application/fhir+json', 406],
  ] as const) {
    const answer = await api.send(apiEvent('GET', '/fhir/openapi.json', { headers: { accept } }));
    expect(answer.statusCode).toBe(status);
    if (status === 200) expect(answer.headers?.['content-type']).toBe('application/json');
  }
});

describe('OperationDefinition', () => {
  const api = createTestApi();
  test('the search answers all four, each under the address at which it can be read', async () => {
    const bundle = resourceOf<{ total: number; entry: { fullUrl: string; resource: OperationDefinition }[] }>(
      await api.send(apiEvent('GET', '/fhir/OperationDefinition', { query: 'code=x&_count=1' })),
    );
    expect(bundle.total).toBe(4);
    expect(bundle.entry.map(({ resource }) => resource.id)).toEqual([
      '-s-execute-patient-usage-stats',
      '-s-schedule-patient-usage-stats',
      '-s-fetch-patient-usage-stats',
      '-s-get-report-job-status',
    ]);
    for (const { fullUrl, resource } of bundle.entry) {
      expect(fullUrl).toBe(resource.url);
      const read = await api.send(apiEvent('GET', new URL(fullUrl).pathname));
      expect(resourceOf(read)).toEqual(resource);
    }
  });
  test.each([
    ['-s-no-such-operation', 'Resource OperationDefinition with id -s-no-such-operation is not found.'],
    ['execute-patient-usage-stats', 'Resource OperationDefinition with id (malformed) is not found.'],
    ['-s-PLANTED<script>', 'Resource OperationDefinition with id (malformed) is not found.'],
    ['constructor', 'Resource OperationDefinition with id (malformed) is not found.'],
  ])('%s is not found', async (id, text) => {
    const answer = await api.send(apiEvent('GET', `/fhir/OperationDefinition/${id}`));
    expect([answer.statusCode, resourceOf<OperationOutcome>(answer).issue[0].diagnostics]).toEqual([404, text]);
  });
});
