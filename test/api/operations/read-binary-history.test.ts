import { describe, expect, test } from 'vitest';
import {
  contentKey,
  describeStoredVersion,
  placeholder,
  reportContentType,
} from '../../../functions/binaries/binary.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf, sampleCaller } from '../../support/create-test-api.ts';
import { demoTenant, sampleJob, sampleTime } from '../../support/sample-job.ts';

const job = sampleJob();
const zip = new Uint8Array([0x50, 0x4b]);
const key = contentKey(demoTenant, job.binaryId, 2, 'a');
const stored = {
  versionId: 2,
  contentType: reportContentType,
  bytes: zip,
  lastUpdated: sampleTime + 5000,
  writer: 'a',
};
const url = `https://reporting.example/fhir/Binary/${job.binaryId}`;

const createApi = async (versions = [describeStoredVersion(stored, key)]) => {
  const api = createTestApi({ owner: sampleCaller(), colleague: sampleCaller({ userId: 'somebody-else' }) });
  const { due: _due, ...ended } = job;
  await api.jobs.place(demoTenant, { ...ended, status: 'DONE', versions: [...job.versions, ...versions] });
  await api.content.put(demoTenant, { key, contentType: reportContentType, bytes: zip });
  const placeholderKey = contentKey(demoTenant, job.binaryId, 1, job.jobId);
  await api.content.put(demoTenant, { key: placeholderKey, ...placeholder });
  return api;
};
const event = (as = 'owner') =>
  apiEvent('GET', `/fhir/Binary/${job.binaryId}/_history`, { headers: { authorization: `Bearer ${as}` } });

interface History {
  readonly total: number;
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource: { readonly meta: { readonly versionId: string }; readonly data?: string };
    readonly request: unknown;
    readonly response: unknown;
  }[];
}

describe('GET Binary/{id}/_history', () => {
  test('is a Bundle of all versions, newest first, with how each came about', async () => {
    const answer = await (await createApi()).send(event());
    expect(answer.statusCode).toBe(200);
    const bundle = resourceOf<History>(answer);
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'history',
      total: 2,
      link: [{ relation: 'self', url: `${url}/_history` }],
    });
    expect(bundle.entry).toEqual([
      {
        fullUrl: url,
        resource: expect.objectContaining({ resourceType: 'Binary', data: Buffer.from(zip).toString('base64') }),
        request: { method: 'PUT', url: `Binary/${job.binaryId}` },
        response: { status: '200', etag: 'W/"2"', lastModified: '2026-04-16T11:44:16.919+00:00' },
      },
      {
        fullUrl: url,
        resource: expect.objectContaining({ resourceType: 'Binary', data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==' }),
        request: { method: 'POST', url: 'Binary' },
        response: { status: '201', etag: 'W/"1"', lastModified: '2026-04-16T11:44:11.919+00:00' },
      },
    ]);
  });
  test('leaves the data out where all versions together are too large for an answer', async () => {
    const large = { ...describeStoredVersion(stored, key), bytes: 5_000_000 };
    const { entry } = resourceOf<History>(await (await createApi([large])).send(event()));
    expect(entry.map(({ resource }) => [resource.meta.versionId, resource.data])).toEqual([
      ['2', undefined],
      ['1', undefined],
    ]);
  });
  test('is 404 for everybody else', async () => {
    expect((await (await createApi()).send(event('colleague'))).statusCode).toBe(404);
  });
});
