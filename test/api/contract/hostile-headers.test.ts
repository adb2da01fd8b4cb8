import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../../functions/platform/logger.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createContractBench, errorOf } from '../../support/contract-bench.ts';
import { createTestApi } from '../../support/create-test-api.ts';
import { sampleBinaryId } from '../../support/sample-job.ts';

const bench = createContractBench();
let path: string;

beforeAll(async () => {
  path = `Binary/${await bench.finishedId()}`;
});

const get = (headers: Record<string, string>, query = '') => bench.call('GET', path, { headers, query });
const accepting = (accept: string) => bench.order('execute', { headers: { accept } });

describe('Accept:', () => {
  test.each(['application/fhir+xml', 'text/html', 'text/turtle'])(
    'H30: %s alone is 406 not-supported',
    async (accept) => expect(errorOf(await accepting(accept))).toMatchObject({ status: 406, issue: 'not-supported' }),
  );
  test.each(['', '*/*', 'application/*', 'text/html;q=0.9, application/fhir+json;q=0.1', 'application/xml, */*;q=0.1'])(
    'H31: %j is 200',
    async (accept) => expect((await accepting(accept)).status).toBe(200),
  );
  test('H31: on Binary a native type gives raw bytes and FHIR JSON the resource, both with the same authorisation', async () => {
    for (const [accept, type] of [
      ['application/gzip-json', 'application/gzip-json'],
      ['application/fhir+json', 'application/fhir+json; charset=UTF-8'],
    ] as const) {
      expect((await get({ accept })).headers['content-type']).toBe(type);
      const denied = (as: string) => bench.call('GET', path, { as, headers: { accept } });
      expect([(await denied('colleague')).status, (await denied('orderer')).status]).toEqual([404, 403]);
    }
  });
  test.each([
    ['malformed', ';;,,=/'],
    ['9 KB', 'a/b,'.repeat(2300)],
    ['q=0', 'application/fhir+json;q=0'],
    ['q=NaN', 'application/fhir+json;q=NaN'],
    ['without an end', `a/b;${' '.repeat(2000)}`],
    ['nested parameters', `application/fhir+json${';a="'.repeat(400)}`],
  ])('H32: Accept that is %s is 406 or the default, at once', async (_what, accept) => {
    const begun = performance.now();
    const { status } = await accepting(accept);
    expect([200, 406]).toContain(status);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('what is ignored:', () => {
  const many = Array.from({ length: 2000 }, (_, at) => `k${at}=v`).join('&');
  test.each(['_summary=true', '_elements=id', '_pretty=true', 'planted-key=planted-value', many])(
    'H34: the query %.30s is ignored on read and stands in no log',
    async (query) => {
      const { status, headers, bytes } = await get({}, query);
      const plain = await get({});
      expect([status, headers['etag'], bytes]).toEqual([200, plain.headers['etag'], plain.bytes]);
      expect(JSON.stringify(bench.api.logger.entries)).not.toContain('planted');
    },
  );
  test.each(['respond-async', 'return=minimal', ';;junk,,='])('H35: Prefer %s is ignored', async (prefer) => {
    const answer = await bench.order('execute', { headers: { prefer } });
    expect([answer.status, answer.json()['resourceType']]).toEqual([200, 'Binary']);
  });
  test.each([
    { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
    { 'if-modified-since': 'junk' },
    { range: 'bytes=0-1' },
    { range: 'bytes=0-1,3-4' },
  ])('H55: %j gives 200 and everything', async (headers) => {
    const { status, bytes } = await get({ accept: '*/*', ...headers });
    expect([status, bytes]).toEqual([200, (await get({ accept: '*/*' })).bytes]);
  });
  test('H60: the request header X-Security-Context is ignored', async () => {
    const asked = { 'x-security-context': 'Patient/1' };
    const { status, headers } = await get(asked);
    expect([status, headers]).toEqual([200, expect.not.objectContaining(asked)]);
    expect((await bench.call('GET', path, { as: 'colleague', headers: asked })).status).toBe(404);
  });
  test.each(['cookie', 'x-amz-date', 'x-amz-security-token', 'forwarded', 'traceparent', 'tracestate'])(
    'H67: junk in %s is ignored',
    async (name) => expect((await get({ [name]: ';;\u0000=%%%' })).status).toBe(200),
  );
});

describe('what goes out:', () => {
  test('H36: HEAD on a Binary has the status and headers of GET and no body', async () => {
    for (const accept of ['application/fhir+json', '*/*']) {
      const own = { headers: { accept, 'x-request-id': 'same' } };
      const [head, read] = [await bench.call('HEAD', path, own), await bench.call('GET', path, own)];
      expect([head.status, head.headers, head.bytes.length]).toEqual([read.status, read.headers, 0]);
    }
  });
  test('H62: no header is built from input', async () => {
    const planted = 'planted\r\nx-planted: æ';
    const answers = [
      await get({ accept: '*/*', 'if-none-match': planted, 'x-request-id': planted }),
      await bench.order('execute', { headers: { 'idempotency-key': planted, 'x-request-id': planted } }),
      await bench.call('GET', `Binary/${planted}`),
      await bench.call(planted, path),
    ];
    for (const { headers } of answers) {
      expect(JSON.stringify(headers)).not.toContain('planted');
      for (const value of Object.values(headers)) expect(value).toMatch(/^[ -~]*$/);
    }
  });
  test.each(['\n', '\u001b', '\u2028', '\u009b', '\u202e'])('H63: %j in a log is escaped', (char) => {
    const lines: string[] = [];
    createLogger({ now: () => 0 }, (line) => lines.push(line)).log('MESSAGE_UNUSABLE', { reason: `a${char}b` });
    expect(lines).toEqual([expect.stringMatching(/^[ -~]+$/)]);
    expect(JSON.parse(lines[0] ?? '').reason).toBe(`a${char}b`);
  });
});

describe('load and time:', () => {
  test('H66: the same order twice within a second is one job by its idempotency key', async () => {
    const own = { headers: { 'idempotency-key': 'h66' } };
    const before = bench.api.jobs.all().length;
    const [first, second] = await Promise.all([bench.order('execute', own), bench.order('execute', own)]);
    expect([second.json()['id'], bench.api.jobs.all().length - before]).toEqual([first.json()['id'], 1]);
  });
  test('H70: a handler that throws is 500, one that rejects over a dependency is 503', async () => {
    const verify = vi.fn(() => Promise.reject<never>(new TypeError('planted')));
    const broken = createContractBench({}, { verifier: { verify } });
    expect((await broken.call('GET', path)).status).toBe(500);
    verify.mockRejectedValue(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));
    expect((await broken.call('GET', path)).status).toBe(503);
  });
  test('H70: a handler that does not end is answered 503 timeout four seconds before the function ends', async () => {
    const stuck = createTestApi({}, { verifier: { verify: () => new Promise<never>(() => {}) } });
    const event = apiEvent('GET', `/fhir/Binary/${sampleBinaryId()}`);
    const answer = await stuck.send(event, { getRemainingTimeInMillis: () => 4001 });
    expect([answer.statusCode, JSON.parse(answer.body ?? '').issue[0].code]).toEqual([503, 'timeout']);
  });
});
