import { describe, expect, test } from 'vitest';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf } from '../../support/create-test-api.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../../support/sample-job.ts';

const headers = { authorization: 'Bearer owner', accept: 'application/fhir+json' };
const ask = (method = 'GET', body?: string) =>
  apiEvent(method, '/fhir/$get-report-job-status', {
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body }),
  });

interface Bundle {
  readonly entry: readonly {
    fullUrl: string;
    resource: { parameter: readonly [{ part: readonly { name: string }[] }] };
  }[];
}

describe('$get-report-job-status', () => {
  test.each(['GET', 'POST'])('%s without any job answers exactly an empty collection', async (method) => {
    const answer = await createTestApi().send(ask(method));
    expect(answer.body).toBe('{"resourceType":"Bundle","type":"collection"}');
    expect(answer.headers).not.toHaveProperty('retry-after');
  });
  test("shows a finished job in FUT's shape, then deadline and attempts", async () => {
    const api = createTestApi();
    const { due: _due, ...job } = sampleJob();
    await api.jobs.place(demoTenant, {
      ...job,
      status: 'DONE',
      attempts: 1,
      started: sampleTime + 1000,
      ended: sampleTime + 2000,
    });
    expect(resourceOf(await api.send(ask()))).toEqual({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          fullUrl: job.jobId,
          resource: {
            resourceType: 'Parameters',
            id: job.jobId,
            parameter: [
              {
                name: 'reportJob',
                part: [
                  { name: 'reportClass', valueString: 'com.systematic.ehealth.reporting.reports.PatientsUsageReport' },
                  { name: 'userId', valueString: job.userId },
                  { name: 'status', valueString: 'DONE' },
                  {
                    name: 'binary',
                    valueReference: { reference: `https://reporting.example/fhir/Binary/${job.binaryId}` },
                  },
                  {
                    name: 'parameters',
                    resource: {
                      resourceType: 'Parameters',
                      parameter: [{ name: 'anonymization', valueString: 'None' }],
                    },
                  },
                  { name: 'created', valueDateTime: '2026-04-16T11:44:11+00:00' },
                  { name: 'started', valueDateTime: '2026-04-16T11:44:12+00:00' },
                  { name: 'ended', valueDateTime: '2026-04-16T11:44:13+00:00' },
                  { name: 'deadline', valueDateTime: '2026-04-16T11:59:11+00:00' },
                  { name: 'attempts', valueInteger: 1 },
                ],
              },
            ],
          },
        },
      ],
    });
  });
  test('leaves out what has not been reached, and tells a failed job by its outcome', async () => {
    const api = createTestApi();
    const failure = { code: 'DATA_SET_MISSING', cause: 'There is no data set.' } as const;
    await api.jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId('1') }));
    await api.jobs.place(
      demoTenant,
      sampleJob({ binaryId: sampleBinaryId('2'), created: sampleTime + 1, status: 'FAILED', failure }),
    );
    const answer = await api.send(ask());
    const [failed, queued] = resourceOf<Bundle>(answer).entry.map(({ resource }) => resource.parameter[0].part);
    expect(queued?.map(({ name }) => name)).not.toContain('started');
    expect(queued?.map(({ name }) => name)).not.toContain('outcome');
    expect(failed?.at(-1)).toMatchObject({
      name: 'outcome',
      resource: { issue: [{ details: { text: failure.cause } }] },
    });
    expect(answer.headers?.['retry-after']).toBe('1');
  });
  test('does not show jobs whose retention has ended', async () => {
    const api = createTestApi();
    await api.jobs.place(demoTenant, sampleJob({ expires: sampleTime }));
    expect(resourceOf(await api.send(ask()))).not.toHaveProperty('entry');
  });
  test('POST takes Parameters without parameters, and refuses others', async () => {
    const api = createTestApi();
    expect((await api.send(ask('POST', '{"resourceType":"Parameters"}'))).statusCode).toBe(200);
    const wrong = '{"resourceType":"Parameters","parameter":[{"name":"userId","valueString":"x"}]}';
    expect((await api.send(ask('POST', wrong))).statusCode).toBe(400);
    expect(api.calls()).toBe(1);
  });
});
