import { describe, expect, test } from 'vitest';
import { placeJob } from '../../functions/api/place-job.ts';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { planNightlyImport } from '../../functions/imports/nightly-import.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';
import { createTestApi, resourceOf, sampleCaller, type TestApi } from '../support/create-test-api.ts';
import { sampleJob } from '../support/sample-job.ts';
import { sampleImportSource, sampleTenant } from '../support/sample-tenant.ts';

const hour = 60 * 60_000;

const order = (
  own: { key?: string; value?: string; mode?: string; token?: string; requestId?: string } = {},
): ReturnType<typeof apiEvent> => {
  const { key = 'key-1', value = 'None', mode = 'execute', token = 'owner', requestId = 'request-1' } = own;
  return apiEvent('POST', `/fhir/$${mode}-patient-usage-stats`, {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/fhir+json',
      'x-request-id': requestId,
      ...(key === '' ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: value }] }),
  });
};

const keyOfDeleted = 'The Idempotency-Key stands for this report. Order with another key.';

const codeOf = (answer: Awaited<ReturnType<TestApi['send']>>) =>
  resourceOf<{ issue: [{ code: string; details: { coding: [{ code: string }] } }] }>(answer).issue[0].details.coding[0]
    .code;

test('a scheduled order notes since when an import is that of its night, where its tenant is fetched from every night', async () => {
  const nightly = sampleTenant({ import: sampleImportSource });
  const api = createTestApi({ owner: sampleCaller({ tenant: nightly }), other: sampleCaller() });
  for (const one of [{ mode: 'schedule' }, { key: '' }, { token: 'other', mode: 'schedule', key: 'key-2' }])
    await api.send(order(one));
  const { opens } = planNightlyImport(api.clock.now(), nightly);
  expect(api.jobs.all().map(({ importSince }) => importSince)).toEqual([opens, undefined, undefined]);
});

describe('an order that is repeated with its Idempotency-Key', () => {
  test('A4: gets the answer of the first: one job, the same Binary, the same Location', async () => {
    const api = createTestApi();
    const first = await api.send(order());
    api.clock.advance(3 * hour);
    const second = await api.send(order({ requestId: 'request-2' }));
    expect(second.statusCode).toBe(200);
    expect(second.body).toBe(first.body);
    expect(second.headers?.['location']).toBe(first.headers?.['location']);
    expect(second.headers?.['last-modified']).toBe(first.headers?.['last-modified']);
    expect(second.headers?.['x-request-id']).toBe('request-2');
    expect([api.jobs.all().length, api.sent.length]).toEqual([1, 1]);
    expect(api.logger.of('ORDER_REPEATED')).toMatchObject([{ requestId: 'request-2', mode: 'execute' }]);
    expect(api.logger.of('ORDER_PLACED')).toHaveLength(1);
  });
  test('fifty times at once is one job, queued once', async () => {
    const api = createTestApi();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => api.send(order({ requestId: `r-${n}` }))));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect([api.jobs.all().length, api.sent.length]).toEqual([1, 1]);
  });
  test('after 24 hours is a new job', async () => {
    const api = createTestApi();
    await api.send(order());
    api.clock.advance(24 * hour + 1000);
    await api.send(order());
    expect(api.jobs.all()).toHaveLength(2);
  });
  test('without the header is a new job each time', async () => {
    const api = createTestApi();
    await api.send(order({ key: '' }));
    await api.send(order({ key: '' }));
    expect(api.jobs.all()).toHaveLength(2);
  });
  test('is the same job also when it is scheduled', async () => {
    const api = createTestApi();
    const [one, other] = [await api.send(order({ mode: 'schedule' })), await api.send(order({ mode: 'schedule' }))];
    expect(one.body).toBe(other.body);
    expect(api.jobs.all()).toHaveLength(1);
  });
  test.each([
    ['another value', { value: 'ANONYMIZED' }],
    ['another operation', { mode: 'schedule' }],
  ])('with %s is refused with 422, and nothing is placed', async (_what, own) => {
    const api = createTestApi();
    await api.send(order());
    const answer = await api.send(order(own));
    expect([answer.statusCode, codeOf(answer)]).toEqual([422, 'REPORTING_IDEMPOTENCY_KEY_REUSED']);
    expect(answer.body).toContain('Order with another key.');
    expect(api.jobs.all()).toHaveLength(1);
  });
  test('is not mixed up with that of another user or another tenant', async () => {
    const other = sampleTenant({ id: restoreTenantId('other') });
    const api = createTestApi({
      owner: sampleCaller(),
      colleague: sampleCaller({ userId: 'colleague' }),
      namesake: sampleCaller({ tenant: other }),
    });
    for (const token of ['owner', 'colleague', 'namesake']) await api.send(order({ token }));
    expect(new Set(api.jobs.all().map(({ binaryId }) => binaryId)).size).toBe(3);
  });
  test('after its report was deleted is 410, which tells of the key, and brings nothing back', async () => {
    const api = createTestApi();
    const id = String(resourceOf(await api.send(order()))['id']);
    const headers = { authorization: 'Bearer owner' };
    expect((await api.send(apiEvent('DELETE', `/fhir/Binary/${id}`, { headers }))).statusCode).toBe(200);
    const answer = await api.send(order());
    expect([answer.statusCode, answer.body]).toEqual([410, expect.stringContaining(keyOfDeleted)]);
    expect(api.jobs.all()).toMatchObject([{ status: 'CANCELLED', versions: [] }]);
  });
  test('a key that is none is refused before any store is touched', async () => {
    const api = createTestApi();
    const answer = await api.send(order({ key: 'two words' }));
    expect([answer.statusCode, codeOf(answer), api.calls()]).toEqual([400, 'GENERAL_VALIDATION_ERROR', 0]);
  });
});

describe('an order that broke off', () => {
  const down = () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE'));

  test('A1: between reservation and record is placed by the next try, under the ids that were reserved, with time to be made', async () => {
    const api = createTestApi();
    const { place } = api.jobs;
    const asked: string[] = [];
    Object.assign(api.jobs, {
      place: (_tenantId: unknown, { binaryId }: Job) => {
        asked.push(binaryId);
        return down();
      },
    });
    expect((await api.send(order())).statusCode).toBe(503);
    Object.assign(api.jobs, { place });
    api.clock.advance(20 * hour);
    const id = resourceOf(await api.send(order()))['id'];
    expect(asked).toEqual([id]);
    expect(api.content.objects.size).toBe(0);
    const created = api.clock.now();
    expect(api.jobs.all()).toMatchObject([{ binaryId: id, created, expires: created + 90 * 24 * hour }]);
    expect(api.sent).toEqual([id]);
  });
  test('A6: after the record was written but not answered is found by the next try', async () => {
    const api = createTestApi();
    const { place } = api.jobs;
    Object.assign(api.jobs, {
      place: async (...call: Parameters<typeof place>) => {
        await place(...call);
        return down();
      },
    });
    expect((await api.send(order())).statusCode).toBe(503);
    Object.assign(api.jobs, { place });
    expect((await api.send(order())).statusCode).toBe(200);
    expect(api.jobs.all()).toHaveLength(1);
  });
});

describe('an order that cannot be recorded', () => {
  test('because its Binary id is taken is 500, and neither told nor queued as placed', async () => {
    const api = createTestApi();
    Object.assign(api.jobs, { place: async () => ({ outcome: 'conflict', job: sampleJob({ jobId: 'another' }) }) });
    expect((await api.send(order())).statusCode).toBe(500);
    expect([api.sent, api.logger.of('ORDER_PLACED'), api.logger.of('ORDER_REPEATED')]).toEqual([[], [], []]);
  });
  test('because the same order was placed and deleted while it was on its way is 410', async () => {
    const api = createTestApi();
    const id = String(resourceOf(await api.send(order()))['id']);
    await api.send(apiEvent('DELETE', `/fhir/Binary/${id}`, { headers: { authorization: 'Bearer owner' } }));
    Object.assign(api.jobs, { read: async () => undefined });
    const answer = await api.send(order());
    expect([answer.statusCode, answer.body]).toEqual([410, expect.stringContaining(keyOfDeleted)]);
  });
  test('because its answer can no longer be waited for is not recorded, nor queued', async () => {
    const { jobs, clock, logger, sent } = createTestApi();
    const placing = {
      jobs,
      clock,
      logger,
      ids: createCountedIds(),
      queue: { send: async (_tenantId: unknown, binaryId: string) => void sent.push(binaryId) },
      rules: { requeueAfter: 60_000, deadlineMargin: 90_000 },
      executeDeadline: hour,
      retention: 24 * hour,
      admit: async () => clock.now(),
    };
    const abandoned = {
      caller: sampleCaller(),
      report: 'PatientsUsageReport',
      operation: '$execute-patient-usage-stats',
      mode: 'execute',
      parameters: [{ name: 'anonymization', valueString: 'None' }],
      requestId: 'request-1',
      signal: AbortSignal.abort(new ServiceError('GENERAL_TIMEOUT')),
    } as const;
    await expect(placeJob(placing, abandoned)).rejects.toMatchObject({ code: 'GENERAL_TIMEOUT' });
    expect([jobs.all(), sent]).toEqual([[], []]);
  });
});
