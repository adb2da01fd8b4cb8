import { beforeEach, describe, expect, test } from 'vitest';
import { contentKey, placeholder } from '../../functions/binaries/binary.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, sampleCaller, type TestApi } from '../support/create-test-api.ts';
import { demoTenant, sampleJob, sampleTime, storedPlaceholder } from '../support/sample-job.ts';

const hour = 60 * 60_000;
const day = 24 * hour;
const job = sampleJob({ versions: [storedPlaceholder()] });
let api: TestApi;

const placeWithBytes = async () => {
  await api.jobs.place(demoTenant, job);
  await api.content.put(demoTenant, { key: contentKey(demoTenant, job.binaryId, 1, job.jobId), ...placeholder });
};
beforeEach(async () => {
  api = createTestApi();
  await placeWithBytes();
});

const call = (method: string, path = '') =>
  api.send(apiEvent(method, `/fhir/Binary/${job.binaryId}${path}`, { headers: { authorization: 'Bearer owner' } }));
const remove = () => api.jobs.remove(demoTenant, job, { deletedAt: api.clock.now(), due: api.clock.now() + 1 });

describe('a deleted Binary', () => {
  test('is told with the time of its deletion, during its retention and after it', async () => {
    api.clock.advance(hour);
    await call('DELETE');
    for (const later of [hour, 100 * day]) {
      api.clock.advance(later);
      const answer = await call('GET');
      expect([answer.statusCode, answer.body]).toEqual([
        410,
        expect.stringContaining('Resource was deleted at 2026-04-16T12:44:11.919+00:00'),
      ]);
    }
  });
});

describe('retention', () => {
  test('that was shortened since the order holds for what was ordered before', async () => {
    api = createTestApi({ owner: sampleCaller() }, { retention: day });
    await placeWithBytes();
    api.clock.advance(day - 1);
    expect((await call('GET')).statusCode).toBe(200);
    api.clock.advance(1);
    const answer = await call('GET');
    expect([answer.statusCode, answer.body]).toEqual([
      410,
      expect.stringContaining('deleted at 2026-04-17T11:44:11.919'),
    ]);
  });
  test('that was lengthened since the order keeps nothing longer than was promised', async () => {
    api = createTestApi({ owner: sampleCaller() }, { retention: 365 * day });
    await placeWithBytes();
    api.clock.advance(job.expires - sampleTime - 1);
    expect((await call('GET')).statusCode).toBe(200);
    api.clock.advance(1);
    expect((await call('GET')).statusCode).toBe(410);
  });
});

describe.each(['', '/_history', '/_history/1'])('bytes that are gone when GET Binary/{id}%s comes for them', (path) => {
  const missing = () => Promise.reject(new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'content-missing' }));
  test('because of a DELETE in between are 410', async () => {
    Object.assign(api.content, {
      get: async () => {
        await remove();
        return missing();
      },
    });
    expect((await call('GET', path)).statusCode).toBe(410);
  });
  test('though nobody deleted them are 500', async () => {
    Object.assign(api.content, { get: missing });
    expect((await call('GET', path)).statusCode).toBe(500);
  });
});
