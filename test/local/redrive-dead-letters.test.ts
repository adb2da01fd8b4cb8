import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import type { Job } from '../../functions/jobs/job.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { type DeadLetterOptions, redriveDeadLetters } from '../../local/redrive-dead-letters.ts';
import { demoTenant, sampleJob, sampleTime } from '../support/sample-job.ts';

const sqs = mockClient(SQSClient);
let sent: string[];
beforeEach(() => {
  sqs.reset();
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  sqs.on(DeleteMessageCommand).resolves({});
  sent = [];
});

const letter = (MessageId: string): Message => ({
  MessageId,
  ReceiptHandle: `handle-${MessageId}`,
  Body: writeJobMessage({ tenantId: demoTenant, binaryId: sampleJob().binaryId }),
  Attributes: { SentTimestamp: String(sampleTime), ApproximateReceiveCount: '6' },
});
const queueGives = (...batches: readonly Message[][]) => {
  const receiving = sqs.on(ReceiveMessageCommand);
  receiving.resolves({});
  for (const Messages of batches) receiving.resolvesOnce({ Messages });
};
const redrive = (job: Job | undefined, own: Partial<DeadLetterOptions> = {}) =>
  redriveDeadLetters(
    {
      jobs: { read: async () => job },
      queue: { send: async (_tenantId, binaryId) => void sent.push(binaryId) },
      sqs: new SQSClient({ region: 'eu-north-1' }),
      deadLetterQueueUrl: 'http://dead',
      now: () => sampleTime,
    },
    { apply: true, discard: new Set(), most: 10, waitSeconds: 0, ...own },
  );
const deleted = () => sqs.commandCalls(DeleteMessageCommand).map(({ args: [{ input }] }) => input.ReceiptHandle);
const shownAgain = () =>
  sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args: [{ input }] }) => input.ReceiptHandle);
const expired = Object.assign(new Error('x'), { name: 'MessageNotInflight' });

test('what was done is told also where a message is shown again already: looking took longer than it was hidden', async () => {
  queueGives([letter('a'), letter('b')]);
  sqs.on(ChangeMessageVisibilityCommand).rejects(expired);
  expect(await redrive(undefined)).toMatchObject([{ outcome: 'keep' }, { outcome: 'keep' }]);
  expect(shownAgain()).toEqual(['handle-a', 'handle-b']);
});

test('what was done is told also where the queue then answers no more, and it is told that it does not', async () => {
  sqs
    .on(ReceiveMessageCommand)
    .resolvesOnce({ Messages: [letter('a')] })
    .rejects(Object.assign(new Error('x'), { name: 'QueueDoesNotExist' }));
  expect(await redrive(sampleJob())).toMatchObject([
    { what: ['a', expect.anything(), '6', expect.anything(), 'QUEUED'], outcome: 'queue' },
    { outcome: 'failed', why: 'the queue does not answer: QueueDoesNotExist' },
  ]);
  expect(sent).toHaveLength(1);
  expect(deleted()).toEqual(['handle-a']);
  expect(shownAgain()).toEqual([]);
});

test('a queue that does not answer at all is an error', async () => {
  sqs.on(ReceiveMessageCommand).rejects(expired);
  await expect(redrive(undefined)).rejects.toThrow(expired);
});

test('an id to be discarded that is not there is a failure: it may be mistyped', async () => {
  queueGives([letter('a')]);
  expect(await redrive(undefined, { discard: new Set(['a', 'b']) })).toMatchObject([
    { outcome: 'delete', why: 'discarded by its message id' },
    { what: ['b', '-', '-', '-', '-'], outcome: 'failed' },
  ]);
});

test('those of a tenant whose jobs were erased are discarded together', async () => {
  queueGives([letter('a'), letter('b')]);
  expect(await redrive(undefined, { discardOf: demoTenant })).toMatchObject([
    { outcome: 'delete', why: expect.stringContaining('no such job') },
    { outcome: 'delete' },
  ]);
  expect(deleted()).toEqual(['handle-a', 'handle-b']);
});

test('those of another tenant are kept then', async () => {
  queueGives([letter('a')]);
  expect(await redrive(undefined, { discardOf: restoreTenantId('other') })).toMatchObject([{ outcome: 'keep' }]);
  expect(deleted()).toEqual([]);
});

test('and one of that tenant whose job is open is queued again as ever', async () => {
  queueGives([letter('a')]);
  expect(await redrive(sampleJob(), { discardOf: demoTenant })).toMatchObject([{ outcome: 'queue' }]);
  expect(sent).toHaveLength(1);
});

test('a dry run discards none of a tenant either', async () => {
  queueGives([letter('a')]);
  expect(await redrive(undefined, { apply: false, discardOf: demoTenant })).toMatchObject([{ outcome: 'delete' }]);
  expect(deleted()).toEqual([]);
});

test('a message that could not be deleted stays, is shown again, and is queued once in this run', async () => {
  queueGives([letter('a')], [letter('a')]);
  sqs.on(DeleteMessageCommand).rejects(Object.assign(new Error('x'), { name: 'AccessDenied' }));
  expect(await redrive(sampleJob())).toMatchObject([{ outcome: 'failed', why: 'AccessDenied' }]);
  expect(sent).toHaveLength(1);
  expect(shownAgain()).toEqual(['handle-a']);
});
