import { beforeEach, describe, expect, test } from 'vitest';
import { readApiRequest } from '../../../functions/api/api-request.ts';
import { createDeleteBinary } from '../../../functions/api/operations/delete-binary.ts';
import { contentKey, describeStoredVersion, reportContentType } from '../../../functions/binaries/binary.ts';
import { type Job, sweepAfter } from '../../../functions/jobs/job.ts';
import { ServiceError } from '../../../functions/platform/service-error.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createCountedIds } from '../../support/counted-ids.ts';
import { createTestApi, resourceOf, sampleCaller, type TestApi } from '../../support/create-test-api.ts';
import { demoTenant, sampleBinaryId, sampleJob, sampleTime } from '../../support/sample-job.ts';

const job = sampleJob();
const attempt = (token: string) => ({
  key: contentKey(demoTenant, job.binaryId, 2, token),
  contentType: reportContentType,
  bytes: new Uint8Array([1]),
});
let api: TestApi;

beforeEach(async () => {
  api = createTestApi({ owner: sampleCaller(), colleague: sampleCaller({ userId: 'somebody-else' }) });
});

const place = async (own: Partial<Job> = {}) => {
  await api.jobs.place(demoTenant, { ...job, ...own });
  for (const token of ['kept', 'left-behind']) await api.content.put(demoTenant, attempt(token));
};
const placeDone = () => {
  const version = { versionId: 2, ...attempt('kept'), lastUpdated: sampleTime, writer: 'kept' };
  return place({
    status: 'DONE',
    ended: sampleTime,
    versions: [...job.versions, describeStoredVersion(version, version.key)],
  });
};
const call = (method: string, path: string, own: { as?: string; headers?: Record<string, string> } = {}) =>
  api.send(
    apiEvent(method, `/fhir/Binary/${path}`, {
      headers: { authorization: `Bearer ${own.as ?? 'owner'}`, accept: 'application/fhir+json', ...own.headers },
    }),
  );
const stored = () => api.jobs.all()[0] as Job;

describe('DELETE Binary/{id}', () => {
  test('answers as HAPI does, and the bucket holds nothing any more, left-behind attempts included (I12)', async () => {
    await placeDone();
    const answer = await call('DELETE', job.binaryId);
    expect(answer.statusCode).toBe(200);
    expect(resourceOf(answer)).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'information',
          code: 'informational',
          details: {
            coding: [
              {
                system: 'https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code',
                code: 'SUCCESSFUL_DELETE',
              },
            ],
          },
          diagnostics: 'Successfully deleted 1 resource(s).',
        },
      ],
    });
    expect(api.content.objects.size).toBe(0);
    expect(stored()).toMatchObject({ status: 'DONE', versions: [], deletedAt: sampleTime, erasedAt: sampleTime });
  });
  test('afterwards every read and a second DELETE are 410 for the owner and 404 for others', async () => {
    await placeDone();
    await call('DELETE', job.binaryId);
    const paths = ['', '/_history', '/_history/1', '/_history/2', '/_history/9'];
    for (const path of paths) {
      const own = await call('GET', job.binaryId + path);
      expect([own.statusCode, own.body]).toEqual([
        410,
        expect.stringContaining('Resource was deleted at 2026-04-16T11:44:11.919+00:00'),
      ]);
      expect((await call('GET', job.binaryId + path, { as: 'colleague' })).statusCode).toBe(404);
    }
    expect((await call('DELETE', job.binaryId)).statusCode).toBe(410);
    expect((await call('DELETE', job.binaryId, { as: 'colleague' })).statusCode).toBe(404);
  });
  test('has the dispatcher look again when no worker that was under way can live any more', async () => {
    await placeDone();
    await call('DELETE', job.binaryId);
    expect(stored().due).toBe(sampleTime + sweepAfter);
  });
  test('deletes nothing once its answer can no longer be waited for', async () => {
    await placeDone();
    const before = stored();
    const { jobs, clock, content } = api;
    const operation = createDeleteBinary({ jobs, clock, eraser: content, retention: before.expires });
    const request = readApiRequest(apiEvent('DELETE', `/fhir/Binary/${job.binaryId}`), '/fhir', createCountedIds());
    const signal = AbortSignal.abort(new ServiceError('GENERAL_TIMEOUT'));
    const run = operation.run({ request, caller: sampleCaller(), captured: [job.binaryId], signal });
    await expect(run).rejects.toMatchObject({ code: 'GENERAL_TIMEOUT' });
    expect([stored(), content.objects.size]).toEqual([before, 2]);
  });
  test('cancels a job that waits, and its message finds nothing to do', async () => {
    await place();
    await call('DELETE', job.binaryId);
    expect(stored()).toMatchObject({ status: 'CANCELLED', ended: sampleTime });
    const claim = { lease: { token: 'a', until: sampleTime }, now: sampleTime, maxAttempts: 4, deadlineMargin: 0 };
    expect((await api.jobs.claim(demoTenant, job.binaryId, claim)).outcome).toBe('conflict');
  });
  test('is refused to others without touching anything', async () => {
    await placeDone();
    const before = stored();
    expect((await call('DELETE', job.binaryId, { as: 'colleague' })).statusCode).toBe(404);
    expect((await call('DELETE', sampleBinaryId('f'))).statusCode).toBe(404);
    expect((await call('DELETE', 'x')).statusCode).toBe(404);
    expect([stored(), api.content.objects.size]).toEqual([before, 2]);
  });
});

describe('If-Match on DELETE', () => {
  test('with the current version deletes, with another one is 412 and deletes nothing', async () => {
    await placeDone();
    const refused = await call('DELETE', job.binaryId, { headers: { 'if-match': 'W/"1"' } });
    expect([refused.statusCode, api.content.objects.size]).toEqual([412, 2]);
    expect((await call('DELETE', job.binaryId, { headers: { 'if-match': 'W/"2"' } })).statusCode).toBe(200);
  });
  test('holds for what is deleted also when the job ends in between', async () => {
    await place({ status: 'RUNNING', attempts: 1, lease: { token: 'kept', until: sampleTime + 60_000 } });
    const version = { versionId: 2, ...attempt('kept'), lastUpdated: sampleTime, writer: 'kept' };
    let raced = false;
    const jobs: TestApi['jobs'] = {
      ...api.jobs,
      remove: async (...given) => {
        const ending = { version: describeStoredVersion(version, version.key), ended: sampleTime };
        if (!raced) await api.jobs.complete(demoTenant, job.binaryId, 'kept', ending);
        raced = true;
        return api.jobs.remove(...given);
      },
    };
    const racing = createTestApi(undefined, { jobs, eraser: api.content });
    const event = (tag: string) =>
      apiEvent('DELETE', `/fhir/Binary/${job.binaryId}`, {
        headers: { authorization: 'Bearer owner', 'if-match': tag },
      });
    expect((await racing.send(event('W/"1"'))).statusCode).toBe(412);
    expect((await racing.send(event('W/"2"'))).statusCode).toBe(200);
  });
});

describe('an erasure that fails half-way', () => {
  test('is 503, leaves nothing readable, and the next DELETE finishes it', async () => {
    await placeDone();
    const eraser = { eraseAll: () => Promise.reject(new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE')) };
    const broken = createTestApi(undefined, { jobs: api.jobs, eraser });
    const event = apiEvent('DELETE', `/fhir/Binary/${job.binaryId}`, { headers: { authorization: 'Bearer owner' } });
    expect((await broken.send(event)).statusCode).toBe(503);
    expect((await call('GET', job.binaryId)).statusCode).toBe(410);
    expect((await call('DELETE', job.binaryId)).statusCode).toBe(200);
    expect(api.content.objects.size).toBe(0);
    expect((await call('DELETE', job.binaryId)).statusCode).toBe(410);
  });
});
