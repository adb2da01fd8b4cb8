import { beforeAll, describe, expect, test } from 'vitest';
import { randomIds } from '../../../functions/platform/ids.ts';
import { type ContractAnswer, createContractBench } from '../../support/contract-bench.ts';
import { demoUser } from '../../support/sample-job.ts';

const bench = createContractBench();
const requestId = '9ac596fa-9782-9550-bb72-d1acbefe6c11';
const asGuide = {
  'x-request-id': requestId,
  'user-agent': 'HAPI-FHIR/8.6.5 (FHIR Client; FHIR 4.0.1/R4; apache)',
  'accept-encoding': 'gzip',
};
let answer: ContractAnswer;
let body: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  answer = await bench.order('execute', { headers: asGuide });
  body = answer.json();
});

describe('contract, first exchange:', () => {
  const versionUrl = () => `https://reporting.example/fhir/Binary/${body['id']}/_history/1`;

  test('contract, first exchange: status 200', () => expect(answer.status).toBe(200));
  test.each([
    ['content-type', 'application/fhir+json; charset=UTF-8'],
    ['last-modified', 'Thu, 16 Apr 2026 11:44:11 GMT'],
    ['x-request-id', requestId],
    ['cache-control', 'no-cache, no-store, max-age=0, must-revalidate'],
    ['pragma', 'no-cache'],
    ['expires', '0'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['x-xss-protection', '0'],
  ])('contract, first exchange: header %s: %s', (name, value) => expect(answer.headers[name]).toBe(value));
  test.each(['location', 'content-location'])('contract, first exchange: header %s is the link of version 1', (name) =>
    expect(answer.headers[name]).toBe(versionUrl()),
  );
  test('contract, first exchange: no ETag', () => expect(answer.headers).not.toHaveProperty('etag'));

  test.each([
    ['resourceType', 'Binary'],
    ['contentType', 'text/plain'],
    ['securityContext', { identifier: { value: demoUser } }],
    ['data', Buffer.from('*NOT GENERATED YET*').toString('base64')],
    [
      'meta',
      {
        versionId: '1',
        lastUpdated: '2026-04-16T11:44:11.919+00:00',
        source: `#${requestId}`,
        profile: ['http://hl7.org/fhir/StructureDefinition/Binary'],
      },
    ],
  ])('contract, first exchange: body member %s', (name, value) => expect(body[name]).toEqual(value));
  test('contract, first exchange: the body has its six members and no others, in order', () =>
    expect(Object.keys(body)).toEqual(['resourceType', 'id', 'meta', 'contentType', 'securityContext', 'data']));
  test('contract, first exchange: the id is a FHIR id', () => expect(body['id']).toMatch(/^[A-Za-z0-9.-]{1,64}$/));

  test.each(['a', 'A-z.09', 'x'.repeat(64)])('contract, first exchange: the sane x-request-id %s is kept', async (id) =>
    expect((await bench.order('execute', { headers: { 'x-request-id': id } })).headers['x-request-id']).toBe(id),
  );
  test.each(['', 'x'.repeat(65), 'a b', 'a_b', 'æ', 'a\r\nb'])(
    'contract, first exchange: in place of the x-request-id %j there is a new one, in meta.source too',
    async (id) => {
      const { headers, json } = await bench.order('execute', { headers: { 'x-request-id': id } });
      expect(headers['x-request-id']).toMatch(/^id-\d+$/);
      expect(json<{ meta: object }>().meta).toMatchObject({ source: `#${headers['x-request-id']}` });
    },
  );
});

describe('contract, ids:', () => {
  test('contract, ids: of Binaries are UUIDs of version 7 that sort by time', async () => {
    const random = createContractBench({}, { ids: randomIds });
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.push(await random.orderId());
      random.api.clock.advance(1);
    }
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
  test('contract, ids: of jobs and of requests without an id of their own are UUIDs', async () => {
    const random = createContractBench({}, { ids: randomIds });
    const { headers } = await random.order();
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    expect(headers['x-request-id']).toMatch(uuid);
    expect(random.api.jobs.all()[0]?.jobId).toMatch(uuid);
  });
});

describe('contract, headers of every response:', () => {
  const standing = {
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-xss-protection': '0',
    'x-powered-by': expect.stringMatching(/^serverless-reporting\/\d+\.\d+\.\d+$/),
    'x-request-id': expect.stringMatching(/./),
  };
  test.each([
    ['GET', '$get-report-job-status', 'owner', 200],
    ['GET', 'nothing', '', 401],
    ['GET', '$get-report-job-status', 'roleless', 403],
    ['GET', 'nothing', 'owner', 404],
    ['PUT', '$get-report-job-status', 'owner', 405],
    ['POST', '$execute-patient-usage-stats', 'owner', 400],
  ])(
    'contract, headers: the four security headers, cache-control and x-powered-by stand on %s %s as %j (%i)',
    async (method, path, as, status) => {
      const seen = await bench.call(method, path, { as });
      expect([seen.status, seen.headers]).toEqual([status, expect.objectContaining(standing)]);
    },
  );
  test.each(['host', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'])(
    'contract, links: every link is built from the configured address, never from %s',
    async (name) => {
      const { headers } = await bench.order('execute', { headers: { [name]: 'host=evil.example' } });
      expect(headers['location']).toMatch(/^https:\/\/reporting\.example\/fhir\/Binary\//);
    },
  );
});
