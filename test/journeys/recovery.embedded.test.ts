import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { toTimeText } from '../../functions/jobs/job-item.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { handleWithQueue } from '../support/api-with-queue.ts';
import { createFhirClient, type FhirClient } from '../support/fhir-client.ts';

const tenant = restoreTenantId('demo');
let service: Embedded;
let owner: FhirClient;

/** No message is delivered and no tick happens by itself: each test is the queue and the clock. */
beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: () => {} });
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const messageOf = (binaryId: string, messageId = 'm1'): SQSEvent =>
  ({ Records: [{ messageId, body: writeJobMessage({ tenantId: tenant, binaryId }) }] }) as SQSEvent;
const jobs = () => createDynamoDbJobStore(service.clients.documents, service.resources.jobsTable);
const stored = async (binaryId: string) => {
  const job = await jobs().read(tenant, binaryId);
  if (job === undefined) throw new Error('no such job');
  return job;
};
const receive = async (): Promise<string[]> => {
  const QueueUrl = service.resources.reportQueueUrl;
  const { Messages = [] } = await service.clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body = '' }) => Body);
};
const drain = async () => {
  while ((await receive()).length > 0);
};
/** As if the time until the dispatcher's next look had passed. */
const makeDue = (binaryId: string, changes: Readonly<Record<string, string>> = {}) => {
  const values = { due: toTimeText(0), ...changes };
  const names = Object.keys(values);
  return service.clients.documents.send(
    new UpdateCommand({
      TableName: service.resources.jobsTable,
      Key: { pk: `demo#${binaryId}` },
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        names.map((name) => [`:${name}`, values[name as keyof typeof values]]),
      ),
    }),
  );
};

describe('messages', () => {
  test('A11: a message delivered twice makes one report (I5)', async () => {
    const { id } = await owner.order();
    await service.functions.worker(messageOf(id));
    const report = await owner.read(`Binary/${id}`);
    expect(await service.functions.worker(messageOf(id, 'm2'))).toEqual({ batchItemFailures: [] });
    expect(await owner.read(`Binary/${id}`)).toEqual(report);
    expect(await stored(id)).toMatchObject({ attempts: 1, versions: [{ versionId: 1 }, { versionId: 2 }] });
  });
  test('A12: two workers on one message make one report (I5)', async () => {
    const { id } = await owner.order();
    await Promise.all([service.functions.worker(messageOf(id)), service.functions.worker(messageOf(id))]);
    expect(await stored(id)).toMatchObject({ status: 'DONE', attempts: 1 });
  });
  test('A14: a message for a job that is not there is given back to the queue', async () => {
    const answer = await service.functions.worker(messageOf('01963e5f-5a2f-7abc-8def-00000000dead'));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });
});

describe('a worker that dies', () => {
  test('in the middle of its work is replaced after its lease, and the job ends DONE (I1)', async () => {
    const { id } = await owner.order();
    const now = Date.now();
    // What a worker leaves that was killed two minutes ago: a claim whose lease has run out.
    await jobs().claim(tenant, id, {
      lease: { token: 'dead-worker', until: now - 60_000 },
      now: now - 120_000,
      maxAttempts: 4,
      deadlineMargin: 90_000,
    });
    await drain();
    await service.functions.dispatcher();
    expect(await receive()).toEqual([messageOf(id).Records[0]?.body]);
    await service.functions.worker(messageOf(id));
    expect(await stored(id)).toMatchObject({ status: 'DONE', attempts: 2, redrives: 1 });
    expect((await owner.read(`Binary/${id}`)).contentType).toBe('application/gzip-json');
  });
  test('A28: every time ends FAILED with a reason that the client sees in both places (I1)', async () => {
    const { id } = await owner.order();
    const now = Date.now();
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const lease = { token: `dead-${attempt}`, until: now - 60_000 };
      await jobs().claim(tenant, id, { lease, now: now - 59_999 + attempt, maxAttempts: 4, deadlineMargin: 90_000 });
      await service.functions.dispatcher();
    }
    expect(await stored(id)).toMatchObject({ status: 'FAILED', attempts: 4 });
    expect((await owner.statuses())[0]).toBe('FAILED');
    const { contentType, data } = await owner.read(`Binary/${id}`);
    expect(contentType).toBe('application/fhir+json');
    expect(Buffer.from(data, 'base64').toString()).toContain('4 attempts ended without a result');
  });
});

describe('a queue that loses the message', () => {
  test('A3: or refuses it does not lose the job: the dispatcher queues it again (I1, I6)', async () => {
    const { id } = await owner.order();
    await drain();
    await makeDue(id);
    await service.functions.dispatcher();
    expect(await receive()).toEqual([messageOf(id).Records[0]?.body]);
    expect(await stored(id)).toMatchObject({ status: 'QUEUED', redrives: 1 });
    await service.functions.worker(messageOf(id));
    expect((await stored(id)).status).toBe('DONE');
  });
  test('for good ends in a failure by the deadline (I1)', async () => {
    const { id } = await owner.order();
    await makeDue(id, { deadline: toTimeText(Date.now() + 60_000) });
    await service.functions.dispatcher();
    expect(await stored(id)).toMatchObject({ status: 'FAILED', failure: { code: 'JOB_DEADLINE_PASSED' } });
    expect(await service.functions.worker(messageOf(id))).toEqual({ batchItemFailures: [] });
    expect((await stored(id)).status).toBe('FAILED');
  });
});

describe('a data set that cannot be used', () => {
  test('fails the job with file and line, and never shows the patient (I9, I10)', async () => {
    const other = await createFhirClient(service, {}, 'other');
    const Bucket = service.resources.dataBucket;
    const lines =
      '{"resourceType":"EpisodeOfCare","status":"active","patient":{"reference":"Patient/planted"},"period":{"start":"soon"}}\n';
    await service.clients.s3.send(
      new PutObjectCommand({ Bucket, Key: 'other/bad/EpisodeOfCare-1.ndjson', Body: lines }),
    );
    const manifest = {
      transactionTime: '2026-04-16T09:44:11.000Z',
      request: 'test',
      requiresAccessToken: false,
      output: [{ type: 'EpisodeOfCare', url: 'bad/EpisodeOfCare-1.ndjson', count: 1 }],
      error: [],
    };
    await service.clients.s3.send(
      new PutObjectCommand({ Bucket, Key: 'other/manifest.json', Body: JSON.stringify(manifest) }),
    );
    const { id } = await other.order();
    const body = writeJobMessage({ tenantId: restoreTenantId('other'), binaryId: id });
    await service.functions.worker({ Records: [{ messageId: 'm', body }] } as SQSEvent);
    const text = Buffer.from((await other.read(`Binary/${id}`)).data, 'base64').toString();
    expect(text).toContain('bad/EpisodeOfCare-1.ndjson line 1');
    expect(text).not.toContain('planted');
  });
});

describe('an api whose queue refuses every message', () => {
  test('A10: still accepts the order (I6)', async () => {
    const { statusCode, binaryId } = await handleWithQueue(service, `${service.resources.reportQueueUrl}-gone`);
    expect(statusCode).toBe(200);
    expect((await stored(binaryId)).status).toBe('QUEUED');
  });
});
