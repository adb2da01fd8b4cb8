import { beforeEach, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../../functions/auth/tenant.ts';
import {
  contentKey,
  describeStoredVersion,
  placeholder,
  reportContentType,
} from '../../../functions/binaries/binary.ts';
import { describeFailedVersion } from '../../../functions/jobs/failed-version.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller, type TestApi } from '../../support/create-test-api.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime, storedPlaceholder } from '../../support/sample-job.ts';
import { sampleTenant } from '../../support/sample-tenant.ts';

const job = sampleJob();
const zip = new Uint8Array([0x50, 0x4b, 0xff, 0]);
const stored = {
  versionId: 2,
  contentType: reportContentType,
  bytes: zip,
  lastUpdated: sampleTime + 113_000,
  writer: 'a',
};
const reportKey = contentKey(demoTenant, job.binaryId, 2, 'a');
const base = 'https://reporting.example/fhir';
let api: TestApi;

beforeEach(async () => {
  api = createTestApi({
    owner: sampleCaller(),
    colleague: sampleCaller({ userId: 'somebody-else' }),
    namesake: sampleCaller({ tenant: sampleTenant({ id: restoreTenantId('other') }) }),
    roleless: sampleCaller({ roles: new Set(['$fetch-patient-usage-stats']) }),
  });
  await api.content.put(demoTenant, { key: reportKey, contentType: reportContentType, bytes: zip });
});

const placeQueued = () => api.jobs.place(demoTenant, job);
const placeDone = () => {
  const { due: _due, ...ended } = job;
  const versions = [...job.versions, describeStoredVersion(stored, reportKey)];
  return api.jobs.place(demoTenant, { ...ended, status: 'DONE', ended: stored.lastUpdated, versions });
};
const placeFailed = () => {
  const failure = { code: 'DATA_SET_MISSING', cause: 'There is no data set.' } as const;
  const { due: _due, ...ended } = job;
  const version = describeFailedVersion(job, failure, 'a', sampleTime);
  return api.jobs.place(demoTenant, { ...ended, status: 'FAILED', failure, versions: [...job.versions, version] });
};
const get = (
  path: string,
  own: { as?: string; method?: string; query?: string; headers?: Record<string, string> } = {},
) =>
  api.send(
    apiEvent(own.method ?? 'GET', `/fhir/Binary/${path}`, {
      headers: { authorization: `Bearer ${own.as ?? 'owner'}`, accept: 'application/fhir+json', ...own.headers },
      query: own.query ?? '',
    }),
  );

describe('reading as a resource', () => {
  test('a finished report is version 2, without meta.source, with ETag, Last-Modified and Content-Location', async () => {
    await placeDone();
    const answer = await get(job.binaryId);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      etag: 'W/"2"',
      'last-modified': 'Thu, 16 Apr 2026 11:46:04 GMT',
      'content-location': `${base}/Binary/${job.binaryId}/_history/2`,
    });
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers).not.toHaveProperty('retry-after');
    expect(resourceOf(answer)).toEqual({
      resourceType: 'Binary',
      id: job.binaryId,
      meta: {
        versionId: '2',
        lastUpdated: '2026-04-16T11:46:04.919+00:00',
        profile: ['http://hl7.org/fhir/StructureDefinition/Binary'],
      },
      contentType: 'application/gzip-json',
      securityContext: { identifier: { value: job.userId } },
      data: Buffer.from(zip).toString('base64'),
    });
  });
  test('the placeholder stays readable as version 1', async () => {
    await placeDone();
    const answer = await get(`${job.binaryId}/_history/1`);
    expect(resourceOf(answer)).toMatchObject({
      meta: { versionId: '1', source: '#request-1' },
      contentType: 'text/plain',
      data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==',
    });
    expect(answer.headers?.['etag']).toBe('W/"1"');
  });
  test('A55: the placeholder of an order of an earlier version is read from the content store', async () => {
    await api.jobs.place(demoTenant, { ...job, versions: [storedPlaceholder(job)] });
    const missing = await get(job.binaryId);
    expect(missing.statusCode).toBe(500);
    const key = contentKey(demoTenant, job.binaryId, 1, job.jobId);
    await api.content.put(demoTenant, { key, ...placeholder });
    const answer = await get(job.binaryId);
    expect(resourceOf(answer)).toMatchObject({ contentType: 'text/plain', data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==' });
    expect(api.called().at(-1)).toBe('content.get');
  });
  test.each([
    [0, '1'],
    [10_000, '5'],
    [3_600_000, '60'],
  ])('%i ms after the order a waiting job says to come back after %s s', async (age, seconds) => {
    await placeQueued();
    api.clock.advance(age);
    expect((await get(job.binaryId)).headers?.['retry-after']).toBe(seconds);
  });
  test('a failed report is an OperationOutcome that needs no content store', async () => {
    await placeFailed();
    const { contentType, data } = resourceOf<{ contentType: string; data: string }>(await get(job.binaryId));
    expect(contentType).toBe('application/fhir+json');
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ details: { text: 'There is no data set.' } }],
    });
  });
});

describe('reading as raw bytes', () => {
  test.each(['*/*', 'application/json', 'application/gzip-json', ''])(
    'Accept %j gives the bytes with their own type',
    async (accept) => {
      await placeDone();
      const answer = await get(job.binaryId, { headers: { accept, 'accept-encoding': 'gzip' } });
      expect(answer).toMatchObject({
        statusCode: 200,
        isBase64Encoded: true,
        body: Buffer.from(zip).toString('base64'),
        headers: {
          'content-type': 'application/gzip-json',
          'content-disposition': `attachment; filename="PatientsUsageReport-${job.binaryId}-2.zip"`,
          etag: 'W/"2"',
        },
      });
      expect(answer.headers).not.toHaveProperty('content-encoding');
    },
  );
  test('_format=json wins over Accept', async () => {
    await placeDone();
    expect(resourceOf(await get(job.binaryId, { headers: { accept: '*/*' }, query: '_format=json' }))).toMatchObject({
      resourceType: 'Binary',
    });
  });
  const contentOf = ({ body = '' }: Awaited<ReturnType<typeof get>>) => Buffer.from(body, 'base64').toString();
  const names = ['application/gzip-json', 'application/zip', 'application/octet-stream', 'text/plain'];
  test.each(names)('who waits for a report as %s is told that it is not there yet', async (accept) => {
    await placeQueued();
    const waiting = await get(job.binaryId, { headers: { accept } });
    expect(waiting).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/plain', etag: 'W/"1"', 'retry-after': '1' },
    });
    expect(contentOf(waiting)).toBe('*NOT GENERATED YET*');
    const known = await get(job.binaryId, { headers: { accept, 'if-none-match': 'W/"1"' } });
    expect(known).toMatchObject({ statusCode: 304, headers: { 'retry-after': '1' } });
  });
  test.each(names)('who waited for a report as %s in vain is told why it will not come', async (accept) => {
    await placeFailed();
    const failed = await get(job.binaryId, { headers: { accept } });
    expect(failed).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/fhir+json', etag: 'W/"2"' },
    });
    expect(JSON.parse(contentOf(failed))).toMatchObject({ issue: [{ details: { text: 'There is no data set.' } }] });
  });
  test('a format that no content has is refused before anything is looked up', async () => {
    const answer = await get(sampleBinaryId('f'), { headers: { accept: 'application/fhir+xml' } });
    expect([answer.statusCode, api.calls()]).toEqual([406, 0]);
    expect(answer.body).toContain(String.raw`Send \"Accept: */*\" or \"Accept: application/fhir+json\".`);
  });
});

describe('content that is too large for an answer', () => {
  const limit = 4_400_000;
  const placeOfSize = (bytes: number) => {
    const { due: _due, ...ended } = job;
    const large = new Uint8Array(bytes);
    const version = describeStoredVersion({ ...stored, bytes: large }, reportKey);
    return api.jobs.place(demoTenant, { ...ended, status: 'DONE', versions: [...job.versions, version] });
  };
  const link = `https://content.example/${reportKey}?signed`;
  test('is redirected to a short-lived link, raw', async () => {
    await placeOfSize(limit + 1);
    const answer = await get(job.binaryId, { headers: { accept: '*/*' } });
    expect([answer.statusCode, answer.headers?.['location'], answer.headers?.['etag']]).toEqual([302, link, 'W/"2"']);
    expect(answer).not.toHaveProperty('body');
  });
  test('is a resource that names the link in place of its data', async () => {
    await placeOfSize(limit + 1);
    const resource = resourceOf(await get(job.binaryId));
    expect(resource).not.toHaveProperty('data');
    expect(resource['_data']).toEqual({ extension: [{ url: 'urn:serverless-reporting:content-url', valueUrl: link }] });
  });
  test('gives no link to anybody else', async () => {
    await placeOfSize(limit + 1);
    const answer = await get(job.binaryId, { as: 'colleague', headers: { accept: '*/*' } });
    expect([answer.statusCode, answer.headers?.['location']]).toEqual([404, undefined]);
  });
  test('begins one byte above what an answer takes, and what is just below fits into 6 MB in every form', async () => {
    await placeOfSize(limit);
    await api.content.eraseAll(demoTenant, job.binaryId);
    await api.content.put(demoTenant, { key: reportKey, contentType: reportContentType, bytes: new Uint8Array(limit) });
    for (const headers of [{ accept: '*/*' }, { accept: 'application/fhir+json' }]) {
      const answer = await get(job.binaryId, { headers });
      expect(answer.statusCode).toBe(200);
      expect(JSON.stringify(answer).length).toBeLessThan(6_291_456);
    }
  });
});

describe('HEAD and conditional reads', () => {
  const withoutId = ({ statusCode, headers = {} }: Awaited<ReturnType<typeof get>>) => {
    const { 'x-request-id': _id, ...same } = headers;
    return [statusCode, same];
  };
  test.each([
    ['as a resource', { accept: 'application/fhir+json' }],
    ['raw', { accept: '*/*' }],
    ['with gzip', { accept: 'application/fhir+json', 'accept-encoding': 'gzip' }],
    ['that has it already', { accept: 'application/fhir+json', 'if-none-match': 'W/"2"' }],
  ])('H36: HEAD has the status and headers of GET and no body, %s, and fetches no content', async (_how, headers) => {
    for (const bytes of [4, 500, 600, 700, 4_400_000]) {
      const { due: _due, ...ended } = job;
      const binaryId = sampleBinaryId(`a${bytes}`);
      const content = { key: contentKey(demoTenant, binaryId, 2, 'a'), contentType: reportContentType };
      await api.content.put(demoTenant, { ...content, bytes: new Uint8Array(bytes) });
      const version = describeStoredVersion({ ...stored, bytes: new Uint8Array(bytes) }, content.key);
      const versions = [...job.versions, version];
      await api.jobs.place(demoTenant, { ...ended, binaryId, jobId: binaryId, status: 'DONE', versions });
      for (const path of [binaryId, `${binaryId}/_history/1`]) {
        const before = api.called().length;
        const head = await get(path, { method: 'HEAD', headers });
        expect(api.called().slice(before)).toEqual(['jobs.read']);
        expect(head).not.toHaveProperty('body');
        expect(withoutId(head)).toEqual(withoutId(await get(path, { headers })));
      }
    }
  });
  test('H36: HEAD of the placeholder of a waiting job says when to come back, as GET does', async () => {
    await placeQueued();
    const head = await get(job.binaryId, { method: 'HEAD' });
    expect(withoutId(head)).toEqual(withoutId(await get(job.binaryId)));
    expect(head.headers?.['retry-after']).toBe('1');
  });
  test('H36: HEAD of content behind a link is what the link leads to, without one: it is signed for GET', async () => {
    const { due: _due, ...ended } = job;
    const version = describeStoredVersion({ ...stored, bytes: new Uint8Array(4_400_001) }, reportKey);
    await api.jobs.place(demoTenant, { ...ended, status: 'DONE', versions: [...job.versions, version] });
    const before = api.called().length;
    const raw = await get(job.binaryId, { method: 'HEAD', headers: { accept: '*/*' } });
    expect([raw.statusCode, raw.headers]).toMatchObject([
      200,
      {
        'content-type': reportContentType,
        'content-disposition': `attachment; filename="PatientsUsageReport-${job.binaryId}-2.zip"`,
        etag: 'W/"2"',
      },
    ]);
    expect(raw.headers).not.toHaveProperty('location');
    const resource = await get(job.binaryId, { method: 'HEAD' });
    expect(withoutId(resource)).toEqual(withoutId(await get(job.binaryId)));
    expect(
      api
        .called()
        .slice(before)
        .filter((call) => call === 'content.link'),
    ).toHaveLength(1);
  });
  test.each(['W/"2"', '"2"', '*', '"1", W/"2"'])(
    'If-None-Match %s is 304 without touching the content',
    async (tag) => {
      await placeDone();
      const before = api.calls();
      const answer = await get(job.binaryId, { headers: { 'if-none-match': tag } });
      expect([answer.statusCode, answer.headers?.['etag']]).toEqual([304, 'W/"2"']);
      expect(answer).not.toHaveProperty('body');
      expect(api.calls() - before).toBe(1);
    },
  );
  test('If-None-Match with another version reads', async () => {
    await placeDone();
    expect((await get(job.binaryId, { headers: { 'if-none-match': 'W/"1"' } })).statusCode).toBe(200);
  });
});

describe('who may read (I4)', () => {
  const comparable = (answer: Awaited<ReturnType<typeof get>>, id: string) => {
    const { 'x-request-id': _id, ...headers } = answer.headers ?? {};
    return { status: answer.statusCode, headers, body: answer.body?.replaceAll(id, 'ID') };
  };
  test('foreign, unknown and malformed ids look the same, cost the same and read no content', async () => {
    await placeDone();
    const costs: number[] = [];
    const ask = async (id: string, as: string) => {
      const before = api.calls();
      const answer = comparable(await get(id, { as }), id);
      costs.push(api.calls() - before);
      return answer;
    };
    const unknown = await ask(sampleBinaryId('f'), 'owner');
    expect(unknown.status).toBe(404);
    expect(await ask(job.binaryId, 'colleague')).toEqual(unknown);
    expect(await ask(job.binaryId, 'namesake')).toEqual(unknown);
    const malformed = await ask('..x', 'owner');
    expect([malformed.status, malformed.headers]).toEqual([unknown.status, unknown.headers]);
    expect(malformed.body).not.toContain('..x');
    expect(costs).toEqual([1, 1, 1, 1]);
  });
  test('without the role nothing is looked up', async () => {
    const answer = await get(job.binaryId, { as: 'roleless' });
    expect([answer.statusCode, api.calls()]).toEqual([403, 0]);
  });
  test.each([
    ['2', '1'],
    ...['3', '7', '0', '01', '02', '-1', '1.0', 'x', '9'.repeat(30)].map((version) => [version, undefined] as const),
  ] as const)(
    'version %s of a waiting Binary is not found, and only for the next it is told when to ask again: %s',
    async (version, retryAfter) => {
      await placeQueued();
      const answer = await get(`${job.binaryId}/_history/${version}`);
      const told = /^\d{1,9}$/.test(version) ? version : '(malformed)';
      expect([answer.statusCode, answer.headers?.['retry-after']]).toEqual([404, retryAfter]);
      expect(resourceOf(answer)).toMatchObject({
        issue: [{ diagnostics: `Resource Binary with id ${job.binaryId}/_history/${told} is not found.` }],
      });
    },
  );
  test('a version that will never be there is not worth waiting for, and is nobody else’s to know of', async () => {
    await placeDone();
    expect((await get(`${job.binaryId}/_history/3`)).headers).not.toHaveProperty('retry-after');
    const foreign = await get(`${job.binaryId}/_history/3`, { as: 'colleague' });
    expect(resourceOf(foreign)).toEqual(resourceOf(await get(job.binaryId, { as: 'colleague' })));
  });
  test('after its retention a Binary is 410 for its owner and 404 for others', async () => {
    await placeDone();
    api.clock.advance(job.expires - sampleTime);
    const gone = await get(job.binaryId);
    expect([gone.statusCode, gone.body]).toEqual([410, expect.stringContaining('Resource was deleted at 2026-07-15T')]);
    expect((await get(job.binaryId, { as: 'colleague' })).statusCode).toBe(404);
  });
});

describe('bytes that do not match their record (I3)', () => {
  test('are never given out', async () => {
    const { due: _due, ...ended } = job;
    const wrong = { ...describeStoredVersion(stored, reportKey), sha256: '0'.repeat(64) };
    await api.jobs.place(demoTenant, { ...ended, status: 'DONE', versions: [...job.versions, wrong] });
    expect((await get(job.binaryId)).statusCode).toBe(500);
    expect(api.logger.of('CONTENT_CORRUPT')).toMatchObject([{ binaryId: job.binaryId, versionId: 2 }]);
  });
  test.each(['*/*', 'application/fhir+json'])(
    'that are gone and too large for an answer are 500, and no link: %s',
    async (accept) => {
      const { due: _due, ...ended } = job;
      const lost = describeStoredVersion(
        { ...stored, bytes: new Uint8Array(4_400_001) },
        contentKey(demoTenant, job.binaryId, 2, 'lost'),
      );
      await api.jobs.place(demoTenant, { ...ended, status: 'DONE', versions: [...job.versions, lost] });
      const answer = await get(job.binaryId, { headers: { accept } });
      expect([answer.statusCode, answer.headers?.['location']]).toEqual([500, undefined]);
      expect(answer.body).not.toContain('content.example');
    },
  );
});
