import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder } from '../support/fhir-client.ts';
import { findLeaks, takeLeaks } from '../support/leak-watch.ts';

// A patient and a token are planted where they belong, in the data set and in requests, and looked for everywhere else: in what the
// process wrote and answered, and in all that its stores hold save the data bucket.

const patient = 'Patient/planted-0101701234';
const lines: string[] = [];
const audited: string[] = [];
const answers: unknown[] = [];
let service: Embedded;
let token: string;

beforeAll(async () => {
  service = await startEmbedded({
    delivery: 'manual',
    samples: false,
    writeLog: (line) => void lines.push(line),
    writeAudit: (line) => void audited.push(line),
  });
  token = await service.issuer.sign('demo');
});
afterAll(() => service.stop());

const call = async (method: string, path: string, own: { body?: string; headers?: Record<string, string> } = {}) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...own.headers };
  const { body } = own;
  const answer = await fetch(`${service.baseUrl}/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  answers.push([...answer.headers], text);
  return { status: answer.status, text };
};

const load = async (text: string) => {
  const Bucket = service.resources.dataBucket;
  const output = [{ type: 'EpisodeOfCare', url: 'EpisodeOfCare.ndjson' }];
  const manifest = JSON.stringify({ transactionTime: '2026-04-01T00:00:00Z', output, error: [] });
  await service.clients.s3.send(new PutObjectCommand({ Bucket, Key: 'demo/EpisodeOfCare.ndjson', Body: text }));
  await service.clients.s3.send(new PutObjectCommand({ Bucket, Key: 'demo/manifest.json', Body: manifest }));
};

const receive = async (QueueUrl: string): Promise<string[]> => {
  const request = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    WaitTimeSeconds: 0,
  });
  return ((await service.clients.sqs.send(request)).Messages ?? []).map(({ Body }) => Body ?? '');
};

const episode = (start: string) =>
  `{"resourceType":"EpisodeOfCare","status":"active","patient":{"reference":"${patient}"},"period":{"start":"${start}"}}\n`;
/** Each line breaks in a place of its own, and has the patient in it. */
const malformed = [
  episode(patient),
  `${episode('2026-01-01').slice(0, 60)} "${patient}"\n`,
  `"${patient}"\n`,
  episode('2026-01-01').replace('EpisodeOfCare', patient),
  episode('2026-01-01').replace('"active"', `"${patient}"`),
  `${episode('2026-01-01').trim().slice(0, -10)}`,
];

test('I9: a planted patient and a planted token come out nowhere, from order to dead letter', async () => {
  const { reportQueueUrl, deadLetterQueueUrl } = service.resources;
  const messages: string[] = [];
  for (const [number, text] of [episode('2026-01-01'), ...malformed].entries()) {
    await load(text);
    const ordered = await call('POST', '$execute-patient-usage-stats', {
      body: contractOrder,
      headers: { 'idempotency-key': `key-${number}` },
    });
    const { id } = JSON.parse(ordered.text) as { id: string };
    const [body = ''] = await receive(reportQueueUrl);
    messages.push(body);
    const record = { messageId: 'm', body: JSON.stringify({ tenant: 'demo', binaryId: id }) } as SQSRecord;
    await service.functions.worker({ Records: [record] } as SQSEvent);
    const paths = [`Binary/${id}`, `Binary/${id}/_history`, `Binary/${id}/_history/2`, '$get-report-job-status'];
    for (const path of paths) expect((await call('GET', path)).status).toBe(200);
    expect((await call('GET', `Binary/${id}`, { headers: { accept: '*/*' } })).status).toBe(200);
    expect((await call('POST', '$fetch-patient-usage-stats', { body: contractOrder })).status).toBe(
      number === 0 ? 200 : 500,
    );
  }
  // Where neither belongs: in the address, in a query, in a body, in headers, in an id, in a message.
  await call('GET', patient);
  await call('GET', `Binary/${token}`);
  await call('GET', `Binary/x?access_token=${token}&patient=${patient}`, { headers: { authorization: '' } });
  await call('POST', '$execute-patient-usage-stats', {
    body: `access_token=${token}`,
    headers: { 'idempotency-key': token },
  });
  await call('POST', '$execute-patient-usage-stats', {
    body: `{"resourceType":"Parameters","parameter":[{"name":"${patient}"}]}`,
  });
  await call('GET', '$get-report-job-status', {
    headers: { 'x-request-id': token, 'if-none-match': patient, accept: patient },
  });
  await call('GET', '$get-report-job-status', { headers: { authorization: `Bearer ${token},Bearer ${token}` } });
  await call('GET', '$get-report-job-status', { headers: { authorization: `Bearer ${token.slice(0, -5)}` } });
  const planted = { messageId: 'm', body: `{"patient":"${patient}","token":"${token}"}` } as SQSRecord;
  await service.functions.worker({ Records: [planted] } as SQSEvent);
  await service.functions.dispatcher();
  // What is received too often becomes a dead letter.
  for (let times = 0; times < 6; times += 1) messages.push(...(await receive(reportQueueUrl)));
  const dead = await receive(deadLetterQueueUrl);
  expect(dead.length).toBeGreaterThan(0);
  for (const body of [...messages, ...dead])
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['tenant', 'binaryId']);

  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual(expect.arrayContaining(['JOB_DONE', 'JOB_FAILED', 'MESSAGE_UNUSABLE', 'REQUEST_FAILED']));
  expect(audited.length).toBeGreaterThan(40);
  const written = { lines, audited, answers, messages, dead, stored: await storedEverywhere() };
  for (const [place, what] of Object.entries(written)) {
    expect([place, findLeaks(what)]).toEqual([place, []]);
    for (const secret of [patient, ...token.split('.')]) expect(JSON.stringify(what)).not.toContain(secret);
  }
  expect(takeLeaks()).toEqual([]);
});

/** Every item of the tables and every object of the content bucket. */
const storedEverywhere = async (): Promise<unknown[]> => {
  const { documents, s3 } = service.clients;
  const { jobsTable, tenantsTable, contentBucket: Bucket } = service.resources;
  const tables = await Promise.all(
    [jobsTable, tenantsTable].map(
      async (TableName) => (await documents.send(new ScanCommand({ TableName }))).Items ?? [],
    ),
  );
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const objects = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return [Key, Metadata, await Body?.transformToByteArray()];
    }),
  );
  expect([...tables.map((items) => items.length > 0), objects.length > 0]).toEqual([true, true, true]);
  return [...tables, ...objects];
};
