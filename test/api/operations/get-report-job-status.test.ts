import { describe, expect, test } from 'vitest';
import { mostJobs } from '../../../functions/api/operations/get-report-job-status.ts';
import type { Job } from '../../../functions/jobs/job.ts';
import { fromJobItem } from '../../../functions/jobs/job-item.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller } from '../../support/create-test-api.ts';
import { readFixture } from '../../support/read-fixture.ts';
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
  test('needs the role Binary.read, and looks nothing up without it', async () => {
    const api = createTestApi({
      owner: sampleCaller({ roles: new Set(['$fetch-patient-usage-stats', 'report-non-anonymized']) }),
    });
    expect([(await api.send(ask())).statusCode, api.calls()]).toEqual([403, 0]);
    const reader = createTestApi({ owner: sampleCaller({ roles: new Set(['Binary.read']) }) });
    expect((await reader.send(ask())).statusCode).toBe(200);
  });
  test('shows what a job was billed for, and to operators only', async () => {
    const operator = sampleCaller({ roles: new Set(['Binary.read', 'report-operator']) });
    const api = createTestApi({ owner: operator, reader: sampleCaller() });
    await api.jobs.place(demoTenant, sampleJob({ billed: { milliseconds: 1234, gigabyteSeconds: 2.132 } }));
    await api.jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId('2') }));
    const partsFor = async (token: string) => {
      const event = apiEvent('GET', '/fhir/$get-report-job-status', { headers: { authorization: `Bearer ${token}` } });
      const { entry } = resourceOf<Bundle>(await api.send(event));
      return entry.flatMap(({ resource }) => resource.parameter[0].part).filter(({ name }) => name === 'billed');
    };
    expect(await partsFor('owner')).toEqual([
      {
        name: 'billed',
        part: [
          { name: 'milliseconds', valueInteger: 1234 },
          { name: 'gigabyteSeconds', valueDecimal: 2.132 },
        ],
      },
    ]);
    expect(await partsFor('reader')).toEqual([]);
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
  test('A55: shows a job that failed for a reason of a later version, beside all others', async () => {
    const api = createTestApi();
    await api.jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId('2'), created: sampleTime + 1 }));
    await api.jobs.place(demoTenant, fromJobItem(readFixture('job-items/newer-failed.json')));
    const [, failed] = resourceOf<Bundle>(await api.send(ask())).entry.map(
      ({ resource }) => resource.parameter[0].part,
    );
    expect(failed?.at(-1)).toMatchObject({
      name: 'outcome',
      resource: {
        issue: [
          {
            details: {
              coding: [{ code: 'REPORTING_REPORT_GENERATION_FAILED' }],
              text: 'Something that only a later version can say.',
            },
          },
        ],
      },
    });
  });
  test('does not show jobs whose retention has ended', async () => {
    const api = createTestApi();
    await api.jobs.place(demoTenant, sampleJob({ expires: sampleTime }));
    expect(resourceOf(await api.send(ask()))).not.toHaveProperty('entry');
  });
  test('has no link to pages on which nothing would be shown', async () => {
    const api = createTestApi();
    const askOne = () => api.send(apiEvent('GET', '/fhir/$get-report-job-status', { headers, query: '_count=1' }));
    const retention = 90 * 24 * 60 * 60_000;
    const place = (binaryId: string, created: number) =>
      api.jobs.place(
        demoTenant,
        sampleJob({ binaryId: sampleBinaryId(binaryId), created, expires: created + retention }),
      );
    for (const at of [1, 2, 3]) await place(`${at}`, sampleTime - at);
    api.clock.advance(retention);
    expect(resourceOf(await askOne())).toEqual({ resourceType: 'Bundle', type: 'collection' });
    await place('4', api.clock.now() - 2);
    expect(resourceOf<Page>(await askOne())).toMatchObject({ entry: [{}] });
    expect(resourceOf(await askOne())).not.toHaveProperty('link');
    await place('5', api.clock.now() - 1);
    expect(resourceOf<Page>(await askOne())).toMatchObject({ entry: [{}], link: [{ relation: 'next' }] });
  });
  test('POST takes Parameters without parameters, and refuses others', async () => {
    const api = createTestApi();
    expect((await api.send(ask('POST', '{"resourceType":"Parameters"}'))).statusCode).toBe(200);
    const wrong = '{"resourceType":"Parameters","parameter":[{"name":"userId","valueString":"x"}]}';
    expect((await api.send(ask('POST', wrong))).statusCode).toBe(400);
    expect(api.calls()).toBe(1);
  });
});

interface Page {
  readonly link?: readonly { relation: string; url: string }[];
  readonly entry?: readonly { fullUrl: string }[];
}

const follow = ({ link }: Page): string | undefined => {
  const next = link?.find(({ relation }) => relation === 'next');
  return next === undefined ? undefined : new URL(next.url).search.slice(1);
};

const placeMany = async (api: ReturnType<typeof createTestApi>, count: number, own: Partial<Job> = {}) => {
  for (let at = 0; at < count; at += 1) {
    const binaryId = sampleBinaryId(at.toString(16));
    await api.jobs.place(demoTenant, sampleJob({ binaryId, created: sampleTime + at, ...own }));
  }
};

describe('$get-report-job-status of a user with many jobs', () => {
  const askFor = (query: string) => apiEvent('GET', '/fhir/$get-report-job-status', { headers, query });

  test('all jobs that fit come without a link, one more and there is a link to the next page', async () => {
    const api = createTestApi();
    await placeMany(api, mostJobs);
    expect(resourceOf(await api.send(ask()))).not.toHaveProperty('link');
    await api.jobs.place(demoTenant, sampleJob({ binaryId: sampleBinaryId('ffff'), created: sampleTime - 1 }));
    const { link, entry } = resourceOf<Page>(await api.send(askFor('_count=501')));
    expect(entry).toHaveLength(mostJobs);
    expect(link).toEqual([
      {
        relation: 'next',
        url: expect.stringMatching(
          /^https:\/\/reporting\.example\/fhir\/\$get-report-job-status\?_count=500&_cursor=[\w-]+$/,
        ),
      },
    ]);
  });

  test('ten thousand jobs in the longest form: the newest first, one call a page, far below 6 MB', async () => {
    const api = createTestApi({ owner: sampleCaller({ userId: 'u'.repeat(128) }) });
    const failure = { code: 'DATA_SET_MALFORMED', cause: 'c'.repeat(1000) } as const;
    const own = { userId: 'u'.repeat(128), status: 'FAILED', failure, started: sampleTime, ended: sampleTime } as const;
    await placeMany(api, 10_000, own);
    const seen: string[] = [];
    let query = '';
    for (const page of [1, 2, 3]) {
      const answer = await api.send(askFor(query));
      expect(answer.body?.length).toBeLessThan(2_000_000);
      const bundle = resourceOf<Page>(answer);
      seen.push(...(bundle.entry ?? []).map(({ fullUrl }) => fullUrl));
      query = follow(bundle) ?? '';
      expect(api.calls()).toBe(page);
    }
    const newest = Array.from({ length: 3 * mostJobs }, (_, at) => `job-${sampleBinaryId((9999 - at).toString(16))}`);
    expect(seen).toEqual(newest);
  });

  test('who asks for JSON by _format goes on doing so by following the link', async () => {
    const api = createTestApi();
    await placeMany(api, 2);
    const accept = 'application/fhir+xml';
    const askBy = (query: string) =>
      api.send(apiEvent('GET', '/fhir/$get-report-job-status', { headers: { ...headers, accept }, query }));
    const second = await askBy(follow(resourceOf<Page>(await askBy('_count=1&_format=application/fhir%2bjson'))) ?? '');
    expect(second.statusCode).toBe(200);
    expect(resourceOf<Page>(second).entry).toHaveLength(1);
  });

  test('a page of 500 is compressed for a client that takes gzip', async () => {
    const api = createTestApi();
    await placeMany(api, 500);
    const answer = await api.send(
      apiEvent('GET', '/fhir/$get-report-job-status', { headers: { ...headers, 'accept-encoding': 'gzip' } }),
    );
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(answer.body?.length).toBeLessThan(100_000);
  });

  test.each([
    ['_count=2', 2],
    ['_count=0', 5],
    ['_count=999999999', 5],
    ['_count=many', 5],
    ['_count=-1', 5],
    ['_count=', 5],
    ['_page=2&_sort=created&userId=somebody', 5],
  ])('of five jobs %s shows %i: a count is bounded, what is not known is ignored', async (query, count) => {
    const api = createTestApi();
    await placeMany(api, 5);
    expect(resourceOf<Page>(await api.send(askFor(query))).entry).toHaveLength(count);
  });

  test('a cursor that nobody was given is refused before anything is read', async () => {
    const api = createTestApi();
    const answer = await api.send(askFor('_cursor=planted-cursor'));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('_cursor');
    expect(answer.body).not.toContain('planted-cursor');
    expect(api.calls()).toBe(0);
  });

  test("another user's cursor shows the caller's own jobs and no others", async () => {
    const other = sampleCaller({ userId: 'other' });
    const api = createTestApi({ owner: sampleCaller(), other });
    await placeMany(api, 3);
    await api.jobs.place(
      demoTenant,
      sampleJob({ binaryId: sampleBinaryId('a1'), userId: 'other', created: sampleTime }),
    );
    const query = follow(resourceOf<Page>(await api.send(askFor('_count=1'))));
    const event = apiEvent('GET', '/fhir/$get-report-job-status', {
      headers: { ...headers, authorization: 'Bearer other' },
      ...(query === undefined ? {} : { query }),
    });
    const { entry } = resourceOf<Page>(await api.send(event));
    expect(entry?.map(({ fullUrl }) => fullUrl)).toEqual([`job-${sampleBinaryId('a1')}`]);
  });
});
