import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../functions/binaries/binary.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller } from '../../support/create-test-api.ts';
import { demoUser, sampleTime } from '../../support/sample-job.ts';
import { sampleTenant } from '../../support/sample-tenant.ts';

const order = (value = 'None', mode = 'execute') =>
  apiEvent('POST', `/fhir/$${mode}-patient-usage-stats`, {
    headers: {
      authorization: 'Bearer owner',
      accept: 'application/fhir+json;q=1.0, application/json+fhir;q=0.9',
      'content-type': 'application/fhir+json; charset=UTF-8',
      'x-request-id': '9ac596fa-9782-9550-bb72-d1acbefe6c11',
    },
    body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'anonymization', valueString: value }] }),
  });

describe('$execute-patient-usage-stats', () => {
  test('answers with the placeholder, field for field as the contract has it', async () => {
    const api = createTestApi();
    const answer = await api.send(order());
    const [job] = api.jobs.all();
    const id = job?.binaryId;
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      location: `https://reporting.example/fhir/Binary/${id}/_history/1`,
      'content-location': `https://reporting.example/fhir/Binary/${id}/_history/1`,
      'last-modified': 'Thu, 16 Apr 2026 11:44:11 GMT',
      'x-request-id': '9ac596fa-9782-9550-bb72-d1acbefe6c11',
    });
    expect(answer.headers).not.toHaveProperty('etag');
    expect(answer.body).toBe(
      JSON.stringify({
        resourceType: 'Binary',
        id,
        meta: {
          versionId: '1',
          lastUpdated: '2026-04-16T11:44:11.919+00:00',
          source: '#9ac596fa-9782-9550-bb72-d1acbefe6c11',
          profile: ['http://hl7.org/fhir/StructureDefinition/Binary'],
        },
        contentType: 'text/plain',
        securityContext: { identifier: { value: demoUser } },
        data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==',
      }),
    );
  });
  test('records the job, then tells the queue', async () => {
    const api = createTestApi();
    await api.send(order('none'));
    const [job] = api.jobs.all();
    expect(job).toMatchObject({
      userId: demoUser,
      report: 'PatientsUsageReport',
      mode: 'execute',
      status: 'QUEUED',
      parameters: [{ name: 'anonymization', valueString: 'none' }],
      created: sampleTime,
      deadline: sampleTime + 15 * 60_000,
      due: sampleTime + 60_000,
      attempts: 0,
      expires: sampleTime + 90 * 24 * 60 * 60_000,
    });
    expect(api.sent).toEqual([job?.binaryId]);
  });
  test('records version 1 with its bytes, and stores nothing beside (I3)', async () => {
    const api = createTestApi();
    await api.send(order());
    expect(api.jobs.all()[0]?.versions).toMatchObject([
      {
        versionId: 1,
        contentType: 'text/plain',
        bytes: 19,
        sha256: sha256Hex(Buffer.from('*NOT GENERATED YET*')),
        content: { kind: 'inline', base64: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==' },
      },
    ]);
    expect(api.called().filter((call) => call.startsWith('content.'))).toEqual([]);
  });
  test('every order is a job of its own', async () => {
    const api = createTestApi();
    const ids = [await api.send(order()), await api.send(order())].map((answer) => resourceOf(answer)['id']);
    expect(new Set(ids).size).toBe(2);
  });
  test('a queue that refuses the message does not fail the order: the dispatcher will find it (I6)', async () => {
    const queue = { send: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    const api = createTestApi(undefined, { queue });
    expect((await api.send(order())).statusCode).toBe(200);
    expect(api.jobs.all()).toHaveLength(1);
    expect(api.logger.of('ENQUEUE_FAILED')).toHaveLength(1);
  });
  test('a record that cannot be written is 503, no message is sent, and nothing is taken back that may be there all the same (A8)', async () => {
    const api = createTestApi();
    const { place } = api.jobs;
    Object.assign(api.jobs, {
      place: async (...call: Parameters<typeof place>) => {
        await place(...call);
        throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE');
      },
    });
    expect((await api.send(order())).statusCode).toBe(503);
    expect([api.sent, api.jobs.all().length]).toEqual([[], 1]);
    expect(api.called()).not.toContain('eraser.eraseAll');
  });
  test('a tenant for whom it is switched off gets the refusal of the contract', async () => {
    const tenant = sampleTenant({ operations: { execute: false, schedule: true, fetch: true } });
    const api = createTestApi({ owner: sampleCaller({ tenant }) });
    const answer = await api.send(order());
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('Asynchronous generation of the report is not allowed');
    expect(api.calls()).toBe(0);
  });
  test('ANONYMIZED needs no further role', async () => {
    const api = createTestApi({ owner: sampleCaller({ roles: new Set(['$fetch-patient-usage-stats']) }) });
    expect((await api.send(order('ANONYMIZED'))).statusCode).toBe(200);
  });
  test.each(['PATIENT', 'practitioner', ''])('users of type %j may not order', async (userType) => {
    const api = createTestApi({ owner: sampleCaller({ userType }) });
    expect((await api.send(order())).statusCode).toBe(403);
  });
});

describe('$schedule-patient-usage-stats', () => {
  const hour = 60 * 60_000;
  const midnight = Date.parse('2026-04-16T22:00:00Z');

  test('answers as $execute does, and asks to come back when the report is made', async () => {
    const [scheduling, executing] = [createTestApi(), createTestApi()];
    const scheduled = await scheduling.send(order('None', 'schedule'));
    const executed = await executing.send(order());
    expect(scheduled.statusCode).toBe(200);
    expect(scheduled.body).toBe(executed.body);
    const { 'retry-after': wait, ...headers } = scheduled.headers ?? {};
    expect(executed.headers).toEqual({ ...headers, 'retry-after': '1' });
    const releaseAt = scheduling.jobs.all()[0]?.releaseAt ?? 0;
    expect(Number(wait)).toBe(Math.ceil((releaseAt - sampleTime) / 1000));
  });
  test('records a job that waits for the night of its tenant, and tells the queue nothing', async () => {
    const api = createTestApi();
    await api.send(order('None', 'schedule'));
    const [job] = api.jobs.all();
    expect(job).toMatchObject({ mode: 'schedule', status: 'QUEUED', deadline: midnight + 7 * hour });
    expect(job?.due).toBe(job?.releaseAt);
    expect(job?.releaseAt).toBeGreaterThanOrEqual(midnight + hour);
    expect(job?.releaseAt).toBeLessThan(midnight + 5 * hour);
    expect(api.sent).toEqual([]);
    expect(api.logger.of('ORDER_PLACED')).toMatchObject([{ mode: 'schedule', binaryId: job?.binaryId }]);
  });
  test('follows zone and night of the tenant', async () => {
    const night = { from: 22 * hour, to: 23.5 * hour - 20 * hour, readyBy: 6 * hour };
    const tenant = sampleTenant({ timeZone: 'America/Nuuk', night });
    const api = createTestApi({ owner: sampleCaller({ tenant }) });
    await api.send(order('None', 'schedule'));
    expect(api.jobs.all()[0]?.deadline).toBe(Date.parse('2026-04-17T07:00:00Z'));
  });
  test('a tenant for whom it is switched off gets the refusal of the contract', async () => {
    const tenant = sampleTenant({ operations: { execute: true, schedule: false, fetch: true } });
    const api = createTestApi({ owner: sampleCaller({ tenant }) });
    const answer = await api.send(order('None', 'schedule'));
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('REPORTING_SCHEDULE_NOT_ALLOWED');
    expect(answer.body).toContain('Scheduled generation of the report is not allowed');
    expect(api.calls()).toBe(0);
  });
  test('None needs the further role, ANONYMIZED does not', async () => {
    const api = createTestApi({ owner: sampleCaller({ roles: new Set(['$fetch-patient-usage-stats']) }) });
    expect((await api.send(order('None', 'schedule'))).statusCode).toBe(403);
    expect((await api.send(order('ANONYMIZED', 'schedule'))).statusCode).toBe(200);
  });
});
