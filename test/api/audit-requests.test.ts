import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../functions/audit/audit-event.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller, type TestApi } from '../support/create-test-api.ts';
import { demoTenant, demoUser, sampleBinaryId, sampleJob } from '../support/sample-job.ts';
import { sampleTenant } from '../support/sample-tenant.ts';
import { validateResource } from '../support/validate-resource.ts';

const id = sampleBinaryId('a1');
const order = '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None"}]}';

interface Ask {
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly query?: string;
}

const ask = (method: string, path: string, { as = 'owner', headers = {}, ...own }: Ask = {}): APIGatewayProxyEventV2 =>
  apiEvent(method, `/fhir${path}`, {
    headers: {
      authorization: `Bearer ${as}`,
      accept: 'application/fhir+json',
      'x-request-id': 'request-1',
      ...(own.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...own,
  });

const createApi = async (own: Parameters<typeof createTestApi>[1] = {}): Promise<TestApi> => {
  const closed = { execute: true, schedule: false, fetch: false };
  const callers = {
    owner: sampleCaller(),
    other: sampleCaller({ userId: 'other' }),
    powerless: sampleCaller({ roles: new Set() }),
    closed: sampleCaller({ tenant: sampleTenant({ operations: closed }) }),
  };
  const api = createTestApi(callers, own);
  await api.jobs.place(demoTenant, sampleJob({ binaryId: id }));
  return api;
};

/** One event in a line: action and interaction, outcome, who, and what beside the request's id. */
const brief = ({ action, subtype, outcome, outcomeDesc, agent, source, entity }: AuditEvent): string => {
  const [{ who }] = agent;
  const user = 'identifier' in who ? `${source.site}/${who.identifier.value}` : who.display;
  const what = entity.slice(1).map((one) => ('reference' in one.what ? one.what.reference : '?'));
  return [action ?? '-', subtype?.[0].code ?? '-', outcome, outcomeDesc, user, ...what].join(' ');
};

const owner = `demo/${demoUser}`;
const execute = '/$execute-patient-usage-stats';
const schedule = '/$schedule-patient-usage-stats';
const fetch = '/$fetch-patient-usage-stats';
const definition = 'OperationDefinition/-s-execute-patient-usage-stats';

describe('each request writes exactly one audit event, once its outcome is known', () => {
  test.each<[string, APIGatewayProxyEventV2, number, string]>([
    [
      'an order',
      ask('POST', execute, { body: order }),
      200,
      `E operation 0 200 ${owner} ${definition} Binary/${sampleBinaryId('3')}/_history/1`,
    ],
    [
      'a scheduled order',
      ask('POST', schedule, { body: order }),
      200,
      `E operation 0 200 ${owner} OperationDefinition/-s-schedule-patient-usage-stats Binary/${sampleBinaryId('3')}/_history/1`,
    ],
    [
      'a $fetch that fails',
      ask('POST', fetch, { body: order }),
      500,
      `E operation 8 500 DATA_SET_MISSING ${owner} OperationDefinition/-s-fetch-patient-usage-stats`,
    ],
    [
      'a job status',
      ask('GET', '/$get-report-job-status'),
      200,
      `E operation 0 200 ${owner} OperationDefinition/-s-get-report-job-status`,
    ],
    ['a read', ask('GET', `/Binary/${id}`), 200, `R read 0 200 ${owner} Binary/${id}/_history/1`],
    [
      'a raw read',
      ask('GET', `/Binary/${id}`, { headers: { accept: '*/*' } }),
      200,
      `R read 0 200 ${owner} Binary/${id}/_history/1`,
    ],
    ['a HEAD', ask('HEAD', `/Binary/${id}`), 200, `R read 0 200 ${owner} Binary/${id}/_history/1`],
    [
      'a 304',
      ask('GET', `/Binary/${id}`, { headers: { 'if-none-match': 'W/"1"' } }),
      304,
      `R read 0 304 ${owner} Binary/${id}/_history/1`,
    ],
    ['a vread', ask('GET', `/Binary/${id}/_history/1`), 200, `R vread 0 200 ${owner} Binary/${id}/_history/1`],
    [
      'a version that is not there',
      ask('GET', `/Binary/${id}/_history/7`),
      404,
      `R vread 4 404 GENERAL_RESOURCE_NOT_FOUND ${owner} Binary/${id}/_history/7`,
    ],
    ['a history', ask('GET', `/Binary/${id}/_history`), 200, `R history-instance 0 200 ${owner} Binary/${id}`],
    ['an erasure', ask('DELETE', `/Binary/${id}`), 200, `D delete 0 200 ${owner} Binary/${id}`],
    [
      'an erasure whose If-Match fails',
      ask('DELETE', `/Binary/${id}`, { headers: { 'if-match': 'W/"9"' } }),
      412,
      `D delete 4 412 GENERAL_PRECONDITION_FAILED ${owner} Binary/${id}`,
    ],
    [
      'no token',
      ask('GET', `/Binary/${id}`, { as: 'nobody' }),
      401,
      `R read 4 401 SECURITY_TOKEN_INVALID unknown Binary/${id}`,
    ],
    [
      'no token on a path that there is not',
      ask('GET', '/Patient/planted-patient', { as: 'nobody' }),
      401,
      '- - 4 401 SECURITY_TOKEN_INVALID unknown',
    ],
    [
      'no role',
      ask('GET', `/Binary/${id}`, { as: 'powerless' }),
      403,
      `R read 4 403 SECURITY_TOKEN_INSUFFICIENT_PERMISSION ${owner} Binary/${id}`,
    ],
    [
      'an order without the role',
      ask('POST', execute, { as: 'powerless', body: order }),
      403,
      `E operation 4 403 SECURITY_TOKEN_INSUFFICIENT_PERMISSION ${owner} ${definition}`,
    ],
    [
      "another user's report",
      ask('GET', `/Binary/${id}`, { as: 'other' }),
      404,
      `R read 4 404 GENERAL_RESOURCE_NOT_FOUND demo/other Binary/${id}`,
    ],
    [
      "another user's erasure",
      ask('DELETE', `/Binary/${id}`, { as: 'other' }),
      404,
      `D delete 4 404 GENERAL_RESOURCE_NOT_FOUND demo/other Binary/${id}`,
    ],
    [
      'an id that is none of ours',
      ask('GET', '/Binary/planted-patient'),
      404,
      `R read 4 404 GENERAL_RESOURCE_NOT_FOUND ${owner}`,
    ],
    [
      'a version that is none',
      ask('GET', `/Binary/${id}/_history/planted-patient`),
      404,
      `R vread 4 404 GENERAL_RESOURCE_NOT_FOUND ${owner} Binary/${id}`,
    ],
    [
      'a path that there is not',
      ask('GET', '/Patient/planted-patient'),
      404,
      `- - 4 404 GENERAL_ROUTE_NOT_FOUND ${owner}`,
    ],
    [
      'a method that there is not',
      ask('PUT', `/Binary/${id}`),
      405,
      `- - 4 405 GENERAL_METHOD_NOT_ALLOWED ${owner} Binary/${id}`,
    ],
    [
      'a format that there is not',
      ask('GET', `/Binary/${id}`, { headers: { accept: 'application/fhir+xml' } }),
      406,
      `R read 4 406 GENERAL_NOT_ACCEPTABLE ${owner} Binary/${id}`,
    ],
    [
      'a body that is too large',
      ask('POST', execute, { body: 'planted-patient'.repeat(5000) }),
      413,
      `E operation 4 413 GENERAL_BODY_TOO_LARGE unknown ${definition}`,
    ],
    [
      'a body of another type',
      ask('POST', execute, { body: order, headers: { 'content-type': 'text/plain' } }),
      415,
      `E operation 4 415 GENERAL_UNSUPPORTED_MEDIA_TYPE ${owner} ${definition}`,
    ],
    [
      'a wrong parameter',
      ask('POST', execute, { body: order.replace('None', 'planted-patient') }),
      400,
      `E operation 4 400 GENERAL_VALIDATION_ERROR ${owner} ${definition}`,
    ],
    [
      'an operation that is switched off',
      ask('POST', schedule, { as: 'closed', body: order }),
      422,
      `E operation 4 422 REPORTING_SCHEDULE_NOT_ALLOWED ${owner} OperationDefinition/-s-schedule-patient-usage-stats`,
    ],
  ])('%s', async (_kind, event, status, expected) => {
    const api = await createApi();
    expect((await api.send(event)).statusCode).toBe(status);
    expect(api.audited.map(brief)).toEqual([expected]);
    const [audited] = api.audited;
    expect(audited).toMatchObject({ recorded: '2026-04-16T11:44:11.919+00:00' });
    expect(audited?.entity[0]).toMatchObject({ what: { identifier: { value: 'request-1' } } });
    expect(JSON.stringify(audited)).not.toMatch(/planted-patient|Bearer|NOT GENERATED|anonymization/);
    await validateResource(audited);
  });

  test('a second erasure, and a read after it, are refusals', async () => {
    const api = await createApi();
    for (const method of ['DELETE', 'DELETE', 'GET']) await api.send(ask(method, `/Binary/${id}`));
    expect(api.audited.map(brief)).toEqual([
      `D delete 0 200 ${owner} Binary/${id}`,
      `D delete 4 410 GENERAL_RESOURCE_DELETED ${owner} Binary/${id}`,
      `R read 4 410 GENERAL_RESOURCE_DELETED ${owner} Binary/${id}`,
    ]);
  });

  test.each(['/metadata', '/OperationDefinition', '/openapi.json'])(
    'what is public (%s) is not audited',
    async (path) => {
      const api = await createApi();
      const headers = { accept: '*/*' };
      expect((await api.send(ask('GET', path, { headers }))).statusCode).toBe(200);
      expect((await api.send(ask('POST', path, { headers }))).statusCode).toBe(405);
      expect(api.audited).toEqual([]);
    },
  );

  test('a fault of the service, and a store that is down, are serious failures', async () => {
    const down = createTestApi({ owner: sampleCaller() });
    const broken = await createApi({
      jobs: { ...down.jobs, read: () => Promise.reject(new Error('planted-patient')) },
    });
    await broken.send(ask('GET', `/Binary/${id}`));
    expect(broken.audited.map(brief)).toEqual([`R read 8 500 GENERAL_INTERNAL_ERROR ${owner} Binary/${id}`]);
  });

  test('a request that is not answered in time is audited as such', async () => {
    const api = await createApi({ jobs: { ...createTestApi().jobs, read: () => new Promise(() => {}) } });
    await api.send(ask('GET', `/Binary/${id}`), { getRemainingTimeInMillis: () => 0 });
    expect(api.audited.map(brief)).toEqual([`R read 8 503 GENERAL_TIMEOUT ${owner} Binary/${id}`]);
  });
});

describe('an audit event that cannot be kept', () => {
  const failing = {
    write: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'audit-log Throttled' })),
  };

  test('leaves the answer as it is, and is an error event in the log that says whose request it was', async () => {
    const api = await createApi({ audit: failing });
    const answer = await api.send(ask('POST', execute, { body: order }));
    expect(answer.statusCode).toBe(200);
    expect(resourceOf(answer)).toMatchObject({ resourceType: 'Binary' });
    expect(api.logger.of('AUDIT_NOT_WRITTEN')).toMatchObject([
      {
        requestId: 'request-1',
        tenant: 'demo',
        route: '$execute-patient-usage-stats',
        status: 200,
        reason: 'audit-log Throttled',
      },
    ]);
  });

  test('is told once for a refusal too, whatever it fails with', async () => {
    const api = await createApi({ audit: { write: () => Promise.reject(new Error('planted-secret')) } });
    expect((await api.send(ask('GET', `/Binary/${id}`, { as: 'nobody' }))).statusCode).toBe(401);
    expect(api.logger.of('AUDIT_NOT_WRITTEN')).toMatchObject([{ status: 401, errorCode: 'SECURITY_TOKEN_INVALID' }]);
    expect(JSON.stringify(api.logger.entries)).not.toContain('planted-secret');
  });

  test('is waited for: the answer comes after the event', async () => {
    const order: string[] = [];
    const keeping = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const audit = {
      write: () => {
        asked.resolve();
        return keeping.promise;
      },
    };
    const api = await createApi({ audit });
    const answered = api.send(ask('GET', `/Binary/${id}`)).then(() => order.push('answered'));
    await asked.promise;
    order.push('kept');
    keeping.resolve();
    await answered;
    expect(order).toEqual(['kept', 'answered']);
  });
});
