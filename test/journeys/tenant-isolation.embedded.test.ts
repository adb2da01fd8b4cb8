import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId, type TenantId } from '../../functions/auth/tenant.ts';
import { contentKey, describeStoredVersion, placeholder } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createS3DataSetSource } from '../../functions/episodes/s3-dataset.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { unpackReport } from '../../local/report-client.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient, type FhirClient, type ReceivedBinary } from '../support/fhir-client.ts';
import { sampleBinaryId, sampleJob } from '../support/sample-job.ts';

const tenants = { demo: restoreTenantId('demo'), other: restoreTenantId('other') };
type Name = keyof typeof tenants;
const both = ['demo', 'other'] as const;
const patients = { demo: 3, other: 5 } as const;
const never = new AbortController().signal;

let service: Embedded;
let clients: Record<Name, FhirClient>;

const put = (key: string, text: string) =>
  service.clients.s3.send(new PutObjectCommand({ Bucket: service.resources.dataBucket, Key: key, Body: text }));
const writeManifest = (tenant: Name, url: string) =>
  put(
    `${tenant}/manifest.json`,
    JSON.stringify({ transactionTime: '2026-04-01T00:00:00Z', output: [{ type: 'EpisodeOfCare', url }], error: [] }),
  );
const episodes = (count: number) =>
  Array.from(
    { length: count },
    (_, number) =>
      `${JSON.stringify({ resourceType: 'EpisodeOfCare', status: 'active', patient: { reference: `Patient/${number}` }, period: { start: '2026-01-01' } })}\n`,
  ).join('');

beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', samples: false, writeLog: () => {} });
  // One user id, the same roles, the same file name.
  clients = { demo: await createFhirClient(service), other: await createFhirClient(service, {}, 'other') };
  for (const tenant of both) {
    await put(`${tenant}/EpisodeOfCare.ndjson`, episodes(patients[tenant]));
    await writeManifest(tenant, 'EpisodeOfCare.ndjson');
  }
});
afterAll(() => service.stop());

const order = async (tenant: Name, key: string): Promise<string> => {
  const headers = { 'idempotency-key': key };
  const answer = await clients[tenant].call('POST', '$execute-patient-usage-stats', { body: contractOrder, headers });
  return ((await answer.json()) as ReceivedBinary).id;
};
const work = (tenantId: TenantId, binaryId: string) =>
  service.functions.worker({
    Records: [{ messageId: 'm', body: writeJobMessage({ tenantId, binaryId }) }],
  } as SQSEvent);
const keysIn = async (bucket: string) =>
  ((await service.clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) =>
    String(Key),
  );
const items = async () =>
  (
    await service.clients.documents.send(
      new ScanCommand({ TableName: service.resources.jobsTable, ConsistentRead: true }),
    )
  ).Items ?? [];
const statusBundle = async (tenant: Name, query = '') =>
  (await clients[tenant].call('GET', `$get-report-job-status${query}`)).text();

describe('I4: two tenants with the same user, idempotency key and file name, over real stores', () => {
  let ids: Record<Name, string>;
  beforeAll(async () => {
    ids = { demo: await order('demo', 'same'), other: await order('other', 'same') };
    for (const tenant of both) await work(tenants[tenant], ids[tenant]);
  });

  test('I4: each gets a job and a report of its own', async () => {
    expect(ids.demo).not.toBe(ids.other);
    for (const tenant of both) {
      expect(await order(tenant, 'same')).toBe(ids[tenant]);
      const { data } = await clients[tenant].read(`Binary/${ids[tenant]}`);
      const report = JSON.stringify(unpackReport(Buffer.from(data, 'base64')));
      expect(report).toContain(`"uniquePatientsWithEpisodeOfCare","count":${patients[tenant]},`);
      expect(report).not.toContain(`"count":${patients[tenant === 'demo' ? 'other' : 'demo']},`);
    }
  });
  test('I4: a message that names a job under the other tenant is worked on by nobody', async () => {
    const before = await items();
    expect((await work(tenants.other, ids.demo)).batchItemFailures).toHaveLength(1);
    expect(await items()).toEqual(before);
  });
  test.each([
    ['GET', '', {}],
    ['HEAD', '', {}],
    ['GET', '', { accept: '*/*' }],
    ['GET', '', { 'if-none-match': 'W/"2"' }],
    ['GET', '', { 'if-none-match': '*' }],
    ['GET', '/_history', {}],
    ['GET', '/_history/1', {}],
    ['GET', '/_history/2', {}],
    ['DELETE', '', {}],
    ['DELETE', '', { 'if-match': 'W/"2"' }],
  ])("I4: %s Binary/{the other's}%s with %j is what it is for an id that never was", async (method, rest, headers) => {
    for (const tenant of both) {
      const foreign = ids[tenant === 'demo' ? 'other' : 'demo'];
      const never = foreign.replace(/.{6}$/, 'abcdef');
      const look = async (id: string) => {
        const answer = await clients[tenant].call(method, `Binary/${id}${rest}`, {
          headers: { ...headers, 'x-request-id': 'same' },
        });
        const { date: _date, ...told } = Object.fromEntries(answer.headers);
        return { status: answer.status, told, text: (await answer.text()).replace(id, 'ID') };
      };
      expect(await look(foreign)).toEqual(await look(never));
      expect((await clients[tenant].call('GET', `Binary/${ids[tenant]}`)).status).toBe(200);
    }
  });
  test("I4: the job status shows one's own jobs, also behind the other's cursor", async () => {
    for (const tenant of both) {
      const foreign = tenant === 'demo' ? 'other' : 'demo';
      const second = await order(foreign, 'second');
      const cursor = /_cursor=([\w-]+)/.exec(await statusBundle(foreign, '?_count=1'))?.[1] ?? '';
      expect(cursor).not.toBe('');
      for (const query of ['', '?_count=1', `?_cursor=${cursor}`]) {
        const text = await statusBundle(tenant, query);
        for (const id of [ids[foreign], second]) expect(text).not.toContain(id);
      }
    }
  });
  test("I4: paces, reservations, jobs, bytes and kept summaries all lie under their tenant's name", async () => {
    const keys = (await items()).map(({ pk }) => String(pk));
    expect(keys.filter((key) => key.includes('#pace#')).sort()).toEqual(
      ['demo', 'other'].map((name) => `${name}#pace#PatientsUsageReport`),
    );
    for (const key of keys) expect(key).toMatch(/^(demo|other)#/);
    for (const key of await keysIn(service.resources.contentBucket))
      expect(key).toMatch(/^(demo|other)\/(Binary|Summary)\//);
    for (const tenant of both) {
      const place = (await keysIn(service.resources.contentBucket)).filter((key) => key.includes(ids[tenant]));
      expect(place.every((key) => key.startsWith(`${tenant}/`))).toBe(true);
    }
  });
});

describe('I4: the same Binary id in both tenants', () => {
  const binaryId = sampleBinaryId('abc');
  test('I4: is two Binaries, and deleting one leaves the other', async () => {
    const jobs = createDynamoDbJobStore(service.clients.documents, service.resources.jobsTable);
    const content = createS3BinaryContent(service.clients.s3, service.resources.contentBucket);
    const now = Date.now();
    for (const tenant of both) {
      const tenantId = tenants[tenant];
      const bytes = Buffer.from(tenant);
      const key = contentKey(tenantId, binaryId, 1, 'j');
      await content.put(tenantId, { key, contentType: placeholder.contentType, bytes }, never);
      const made = { versionId: 1, contentType: placeholder.contentType, bytes, lastUpdated: now, writer: 'j' };
      const versions = [describeStoredVersion(made, key)];
      const { due: _due, ...job } = sampleJob({ tenantId, binaryId, jobId: `j-${tenant}`, versions, status: 'DONE' });
      expect((await jobs.place(tenantId, { ...job, created: now, expires: now + 3_600_000 })).outcome).toBe('applied');
    }
    const read = async (tenant: Name) =>
      Buffer.from((await clients[tenant].read(`Binary/${binaryId}`)).data, 'base64').toString();
    expect([await read('demo'), await read('other')]).toEqual([...both]);
    expect((await clients.demo.call('DELETE', `Binary/${binaryId}`)).status).toBe(200);
    expect((await clients.demo.call('GET', `Binary/${binaryId}`)).status).toBe(410);
    expect(await read('other')).toBe('other');
  });
});

describe('I4: an adapter refuses at run time', () => {
  test('I4: a content key of the other tenant, whatever is asked', async () => {
    const content = createS3BinaryContent(service.clients.s3, service.resources.contentBucket);
    const key = contentKey(tenants.demo, sampleBinaryId(), 1, 'j');
    const headers = { contentType: 'text/plain', contentDisposition: 'attachment' };
    const before = await keysIn(service.resources.contentBucket);
    for (const call of [
      () => content.get(tenants.other, key),
      () => content.put(tenants.other, { key, contentType: 'text/plain', bytes: Buffer.from('x') }, never),
      () => content.link(tenants.other, key, headers),
    ]) {
      await expect(call()).rejects.toMatchObject({ details: { reason: 'foreign-content-key' } });
    }
    expect(await keysIn(service.resources.contentBucket)).toEqual(before);
  });
  test.each([
    '../other/EpisodeOfCare.ndjson',
    'a/../../other/EpisodeOfCare.ndjson',
    './../other/EpisodeOfCare.ndjson',
    '/other/EpisodeOfCare.ndjson',
    '//other/EpisodeOfCare.ndjson',
    '..\\other\\EpisodeOfCare.ndjson',
    '%2e%2e/other/EpisodeOfCare.ndjson',
    '..%2fother/EpisodeOfCare.ndjson',
    'other/EpisodeOfCare.ndjson',
    's3://data/other/EpisodeOfCare.ndjson',
    'S3:other/EpisodeOfCare.ndjson',
    'https://data.s3.amazonaws.com/other/EpisodeOfCare.ndjson',
    'arn:aws:s3:::data/other/EpisodeOfCare.ndjson',
  ])("I4: a manifest that names %s reads nothing of the other's", async (url) => {
    await writeManifest('demo', url);
    const source = createS3DataSetSource(service.clients.s3, service.resources.dataBucket);
    await expect(source.openCurrent(tenants.demo, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^DATA_SET_(MALFORMED|INCOMPLETE)$/),
    });
  });
});
