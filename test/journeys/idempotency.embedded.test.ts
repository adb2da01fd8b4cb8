import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient, type FhirClient, type ReceivedBinary } from '../support/fhir-client.ts';

let service: Embedded;
let owner: FhirClient;
let colleague: FhirClient;
let namesake: FhirClient;

beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: () => {} });
  owner = await createFhirClient(service);
  colleague = await createFhirClient(service, { user: '11111111-2222-4333-8444-555555555555' });
  namesake = await createFhirClient(service, {}, 'other');
});
afterAll(() => service.stop());

const order = (client: FhirClient, key: string, mode = 'execute') =>
  client.call('POST', `$${mode}-patient-usage-stats`, { body: contractOrder, headers: { 'idempotency-key': key } });
const jobsInTable = async () => {
  const { Items = [] } = await service.clients.documents.send(
    new ScanCommand({ TableName: service.resources.jobsTable, ConsistentRead: true }),
  );
  return Items.filter(({ status }) => status !== undefined).map(({ pk }) => String(pk));
};
const objects = async (prefix: string) => {
  const { Contents = [] } = await service.clients.s3.send(
    new ListObjectsV2Command({ Bucket: service.resources.contentBucket, Prefix: prefix }),
  );
  return Contents.length;
};

test('fifty orders at once with one key are one job and one Binary', async () => {
  const responses = await Promise.all(Array.from({ length: 50 }, () => order(owner, 'night-run-2026-04')));
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  const bodies = new Set(await Promise.all(responses.map((response) => response.text())));
  expect(bodies.size).toBe(1);
  const { id } = JSON.parse([...bodies][0] ?? '') as ReceivedBinary;
  expect(new Set(responses.map(({ headers }) => headers.get('location')))).toEqual(
    new Set([`${service.baseUrl}/Binary/${id}/_history/1`]),
  );
  expect(await jobsInTable()).toEqual([`demo#${id}`]);
  expect(await owner.statuses()).toEqual(['QUEUED']);
});

test('the same key is free for another user and another tenant, and refused with another order', async () => {
  const before = (await jobsInTable()).length;
  const ids = await Promise.all(
    [owner, colleague, namesake].map(async (client) => {
      const response = await order(client, 'shared');
      return ((await response.json()) as ReceivedBinary).id;
    }),
  );
  expect(new Set(ids).size).toBe(3);
  expect(await jobsInTable()).toHaveLength(before + 3);
  const other = await order(owner, 'shared', 'schedule');
  expect([other.status, await other.text()]).toEqual([
    422,
    expect.stringContaining('REPORTING_IDEMPOTENCY_KEY_REUSED'),
  ]);
  expect(await jobsInTable()).toHaveLength(before + 3);
});

test('an order repeated after its report was deleted is 410, and no bytes come back (I12)', async () => {
  const { id } = (await (await order(owner, 'deleted')).json()) as ReceivedBinary;
  expect((await owner.call('DELETE', `Binary/${id}`)).status).toBe(200);
  expect((await order(owner, 'deleted')).status).toBe(410);
  expect(await objects(`demo/Binary/${id}/`)).toBe(0);
});

test('a key that is none is 400', async () => {
  expect((await order(owner, 'two words')).status).toBe(400);
  expect((await order(owner, 'k'.repeat(129))).status).toBe(400);
  expect((await order(owner, 'k'.repeat(128))).status).toBe(200);
});
