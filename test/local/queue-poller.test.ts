import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { findDoneMessages, type PollerOptions, startQueuePoller } from '../../local/queue-poller.ts';

const records = ['one', 'two'].map((messageId) => ({ messageId }) as SQSRecord);
const failed = (...ids: string[]): SQSBatchResponse => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('the messages that a function is done with', () => {
  it.each<[string, SQSBatchResponse | undefined, string[]]>([
    ['all, when none is named', failed(), ['one', 'two']],
    ['all, when there is no response', undefined, ['one', 'two']],
    ['those that are not named', failed('one'), ['two']],
    ['none, when all are named', failed('one', 'two'), []],
    ['none, when an unknown one is named', failed('three'), []],
    ['none, when an empty id is named', failed(''), []],
  ])('are %s', (_case, response, done) => {
    expect(findDoneMessages(records, response).map(({ messageId }) => messageId)).toEqual(done);
  });
});

describe('the poller', () => {
  const sqs = mockClient(SQSClient);
  afterEach(() => sqs.reset());

  const poll = (own: Partial<PollerOptions>) =>
    startQueuePoller({
      sqs: new SQSClient({ region: 'eu-north-1' }),
      queueUrl: 'http://queue',
      queueArn: 'arn:aws:sqs:eu-north-1:000000000000:queue',
      batchSize: 1,
      concurrency: 1,
      invoke: async () => failed(),
      onError: (error) => {
        throw error;
      },
      ...own,
    });

  /** One message, then silence until the poller stops. */
  const queueOneMessage = (): Promise<void> => {
    const emptied = Promise.withResolvers<void>();
    sqs
      .on(ReceiveMessageCommand)
      .resolvesOnce({ Messages: [{ MessageId: 'one', ReceiptHandle: 'receipt', Body: 'body' }] })
      .callsFake(() => {
        emptied.resolve();
        return new Promise((_resolve, reject) => setImmediate(() => reject(new Error('aborted'))));
      });
    sqs.on(DeleteMessageCommand).resolves({});
    return emptied.promise;
  };

  it('hands over a message as Lambda does, and deletes it when it is done', async () => {
    const emptied = queueOneMessage();
    const events: unknown[] = [];
    const poller = poll({
      invoke: async (event) => {
        events.push(event);
        return failed();
      },
      onError: () => {},
    });
    await emptied;
    await poller.stop();
    expect(events).toMatchObject([
      { Records: [{ messageId: 'one', body: 'body', eventSource: 'aws:sqs', awsRegion: 'eu-north-1' }] },
    ]);
    expect(sqs.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle)).toEqual(['receipt']);
  });

  it.each<[string, PollerOptions['invoke']]>([
    ['that is reported as failed', async () => failed('one')],
    ['whose function rejects', () => Promise.reject(new Error('out of memory'))],
  ])('leaves a message in the queue %s', async (_case, invoke) => {
    const told: unknown[] = [];
    queueOneMessage();
    const invoked = Promise.withResolvers<void>();
    const poller = poll({
      invoke: (event) => {
        invoked.resolve();
        return invoke(event);
      },
      onError: (error) => void told.push(error),
    });
    await invoked.promise;
    await poller.stop();
    expect(sqs.commandCalls(DeleteMessageCommand)).toEqual([]);
  });
});
