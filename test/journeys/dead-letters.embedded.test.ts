import { randomUUID } from 'node:crypto';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { readJobMessage, writeJobMessage } from '../../functions/jobs/job-message.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { findDoneMessages } from '../../local/queue-poller.ts';
import { redriveDeadLetters } from '../../local/redrive-dead-letters.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { createFhirClient, type FhirClient } from '../support/fhir-client.ts';

const tenant = restoreTenantId('demo');
const now = () => systemClock.now();
let service: Embedded;
let owner: FhirClient;
let lines: Record<string, unknown>[] = [];
const eventsOf = (event: string) => lines.filter((line) => line['event'] === event);

/** The queue as it is deployed, but that a message comes back at once: five deliveries take no two hours. */
beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: (line) => lines.push(JSON.parse(line)) });
  owner = await createFhirClient(service);
  const QueueUrl = service.resources.reportQueueUrl;
  await service.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '0' } }));
});
afterAll(() => service.stop());

const jobs = () => createDynamoDbJobStore(service.clients.documents, service.resources.jobsTable);
const send = (MessageBody: string, QueueUrl = service.resources.reportQueueUrl) =>
  service.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (QueueUrl: string, VisibilityTimeout?: number): Promise<readonly Message[]> => {
  const request = {
    QueueUrl,
    MaxNumberOfMessages: 10,
    ...(VisibilityTimeout === undefined ? {} : { VisibilityTimeout }),
  };
  return (await service.clients.sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
};
const toRecord = ({ MessageId = '', ReceiptHandle = '', Body = '' }: Message) =>
  ({ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body }) as SQSRecord;

/** Delivers until the queue is empty, and counts the deliveries. */
const deliverAll = async (
  worker: (event: SQSEvent) => ReturnType<Embedded['functions']['worker']>,
): Promise<number> => {
  const QueueUrl = service.resources.reportQueueUrl;
  for (let deliveries = 0; ; ) {
    const Records = (await receive(QueueUrl)).map(toRecord);
    if (Records.length === 0) return deliveries;
    deliveries += Records.length;
    for (const { receiptHandle } of findDoneMessages(Records, await worker({ Records }))) {
      await service.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }));
    }
  }
};
const deadLetters = async () => (await receive(service.resources.deadLetterQueueUrl, 0)).map(({ Body = '' }) => Body);
/** A worker that takes the job and is killed in the middle of it, a minute ago: nothing is acknowledged. */
const killedWorker = async ({ Records }: SQSEvent) => {
  for (const { body } of Records) {
    const message = readJobMessage(body);
    if (message === undefined) continue;
    const lease = { token: randomUUID(), until: now() - 1000 };
    const claim = { lease, now: now(), maxAttempts: 4, deadlineMargin: 180_000 };
    await jobs().claim(message.tenantId, message.binaryId, claim);
  }
  return { batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

describe('a message that can never succeed', () => {
  const unknown = writeJobMessage({ tenantId: tenant, binaryId: '01963e5f-5a2f-7abc-8def-00000000dead' });

  test('A14: is delivered five times, stops no other message, and is then among the dead letters', async () => {
    const { id } = await owner.order();
    await send('no message of ours');
    await send(unknown);
    expect(await deliverAll(service.functions.worker)).toBe(11);
    expect((await jobs().read(tenant, id))?.status).toBe('DONE');
    expect((await deadLetters()).sort()).toEqual(['no message of ours', unknown].sort());
    expect(eventsOf('MESSAGE_UNUSABLE')).toHaveLength(5);
  });

  test('A18: and that kills each worker is there too: its job ends FAILED with a reason, and the event is raised', async () => {
    const { id } = await owner.order();
    expect(await deliverAll(killedWorker)).toBe(5);
    const own = writeJobMessage({ tenantId: tenant, binaryId: id });
    expect(await deadLetters()).toContain(own);
    lines = [];
    await service.functions.dispatcher();
    expect(await jobs().read(tenant, id)).toMatchObject({
      status: 'FAILED',
      attempts: 4,
      failure: { code: 'JOB_ATTEMPTS_EXHAUSTED' },
    });
    expect((await owner.statuses())[0]).toBe('FAILED');
    expect(eventsOf('JOB_FAILED')).toMatchObject([{ binaryId: id, errorCode: 'JOB_ATTEMPTS_EXHAUSTED' }]);
    expect(eventsOf('DEAD_LETTERS_WAITING')).toMatchObject([{ level: 'error', count: 3 }]);
    expect(eventsOf('TICK_COMPLETED')).toMatchObject([{ ended: 1, deadLetters: 3 }]);
  });

  test('I9: holds two opaque ids and nothing else', async () => {
    const [own] = (await deadLetters()).filter((body) => body !== unknown && body.startsWith('{'));
    expect(Object.keys(JSON.parse(own ?? ''))).toEqual(['tenant', 'binaryId']);
  });
});

describe('re-driving dead letters', () => {
  const redrive = (apply: boolean, ...discard: string[]) => {
    const { documents, sqs } = service.clients;
    const { jobsTable, reportQueueUrl, deadLetterQueueUrl } = service.resources;
    const queue = createSqsJobQueue(sqs, reportQueueUrl);
    const dependencies = { jobs: createDynamoDbJobStore(documents, jobsTable), queue, sqs, deadLetterQueueUrl, now };
    return redriveDeadLetters(dependencies, { apply, discard: new Set(discard), most: 100, waitSeconds: 0 });
  };
  const outcomes = (rows: Awaited<ReturnType<typeof redrive>>) => rows.map(({ outcome }) => outcome).sort();
  let open: string;

  test('shows what would be done and changes nothing', async () => {
    open = (await owner.order()).id;
    await send(writeJobMessage({ tenantId: tenant, binaryId: open }), service.resources.deadLetterQueueUrl);
    while ((await receive(service.resources.reportQueueUrl, 30)).length > 0);
    expect(outcomes(await redrive(false))).toEqual(['delete', 'keep', 'keep', 'queue']);
    expect(await deadLetters()).toHaveLength(4);
    expect(await receive(service.resources.reportQueueUrl)).toEqual([]);
  });

  test('queues open jobs again and deletes what is of no use; what it cannot read, and whose job it does not find, it keeps', async () => {
    const rows = await redrive(true);
    expect(outcomes(rows)).toEqual(['delete', 'keep', 'keep', 'queue']);
    expect((await deadLetters()).sort()).toHaveLength(2);
    expect(await deliverAll(service.functions.worker)).toBe(1);
    expect((await jobs().read(tenant, open))?.status).toBe('DONE');
    expect(outcomes(await redrive(true))).toEqual(['keep', 'keep']);
    const kept = rows.filter(({ outcome }) => outcome === 'keep').map(({ what }) => what[0] ?? '');
    expect(outcomes(await redrive(true, ...kept))).toEqual(['delete', 'delete']);
    expect(await redrive(false)).toEqual([]);
  });

  test('A19: of a job that has ended has no effect, also where the message itself goes back to the queue', async () => {
    const before = await jobs().read(tenant, open);
    await send(writeJobMessage({ tenantId: tenant, binaryId: open }));
    expect(await deliverAll(service.functions.worker)).toBe(1);
    expect(await jobs().read(tenant, open)).toEqual(before);
  });

  test('where the queue refuses the message keeps the dead letter, and says so', async () => {
    const { id } = await owner.order();
    await send(writeJobMessage({ tenantId: tenant, binaryId: id }), service.resources.deadLetterQueueUrl);
    const { documents, sqs } = service.clients;
    const { jobsTable, reportQueueUrl, deadLetterQueueUrl } = service.resources;
    const dependencies = {
      jobs: createDynamoDbJobStore(documents, jobsTable),
      queue: createSqsJobQueue(sqs, `${reportQueueUrl}-gone`),
      sqs,
      deadLetterQueueUrl,
      now,
    };
    const rows = await redriveDeadLetters(dependencies, { apply: true, discard: new Set(), most: 100, waitSeconds: 0 });
    expect(rows).toMatchObject([{ outcome: 'failed', why: expect.stringContaining('QueueDoesNotExist') }]);
    expect(await deadLetters()).toHaveLength(1);
  });
});
