import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentPrefix } from '../../functions/binaries/binary.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { createFhirClient, type FhirClient } from '../support/fhir-client.ts';

const tenantId = restoreTenantId('demo');
let service: Embedded;
let owner: FhirClient;

beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: () => {} });
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const work = (binaryId: string) =>
  service.functions.worker({
    Records: [{ messageId: 'm', body: writeJobMessage({ tenantId, binaryId }) }],
  } as SQSEvent);
const storedBytes = async (binaryId: string): Promise<number> => {
  const Bucket = service.resources.contentBucket;
  const listed = await service.clients.s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: contentPrefix(tenantId, binaryId) }),
  );
  return (listed.Contents ?? []).length;
};

describe('DELETE over HTTP', () => {
  test('of a finished report leaves no object, is 410 for its owner and for a stranger what an id that never was is', async () => {
    const { id } = await owner.order();
    await work(id);
    expect(await storedBytes(id)).toBe(1);
    const deleted = await owner.call('DELETE', `Binary/${id}`);
    expect([deleted.status, await deleted.json()]).toEqual([
      200,
      expect.objectContaining({ resourceType: 'OperationOutcome' }),
    ]);
    expect(await storedBytes(id)).toBe(0);
    expect((await owner.call('GET', `Binary/${id}`)).status).toBe(410);
    expect((await owner.call('DELETE', `Binary/${id}`)).status).toBe(410);
    const stranger = await createFhirClient(service, { user: '11111111-2222-4333-8444-555555555555' });
    const never = id.replace(/.{6}$/, 'abcdef');
    const [foreign, unknown] = await Promise.all([
      stranger.call('GET', `Binary/${id}`),
      stranger.call('GET', `Binary/${never}`),
    ]);
    expect(foreign.status).toBe(404);
    expect((await foreign.text()).replace(id, never)).toBe(await unknown.text());
  });
  test('of a waiting report cancels its job: the worker finds nothing to do', async () => {
    const { id } = await owner.order();
    await owner.call('DELETE', `Binary/${id}`);
    expect((await owner.statuses())[0]).toBe('CANCELLED');
    expect(await work(id)).toEqual({ batchItemFailures: [] });
    expect([await storedBytes(id), (await owner.call('GET', `Binary/${id}`)).status]).toEqual([0, 410]);
  });
  test('while a worker is at it wins: no version appears afterwards (I7, I12)', async () => {
    const { id } = await owner.order();
    const [, deleted] = await Promise.all([work(id), owner.call('DELETE', `Binary/${id}`)]);
    expect(deleted.status).toBe(200);
    expect((await owner.call('GET', `Binary/${id}`)).status).toBe(410);
  });
});
