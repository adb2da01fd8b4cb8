import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/** What a poller does with which queue. */
export interface PollerOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Messages a batch, 1 to 10. */
  readonly batchSize: number;
  /** Batches at the same time. */
  readonly concurrency: number;
  /** The function behind the event source. */
  readonly invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
  /** Is told of a failed invocation and of a queue that does not answer; the poller goes on. */
  readonly onError: (error: unknown) => void;
}

/** A running poller. */
export interface Poller {
  /** Takes no more messages and waits for those being worked on. */
  stop(): Promise<void>;
}

const retryMillis = 1000;
const longPollSeconds = 20;

const toRecord = (message: Message, queueArn: string): SQSRecord => ({
  messageId: message.MessageId ?? '',
  receiptHandle: message.ReceiptHandle ?? '',
  body: message.Body ?? '',
  attributes: (message.Attributes ?? {}) as unknown as SQSRecord['attributes'],
  messageAttributes: {},
  md5OfBody: message.MD5OfBody ?? '',
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(':')[3] ?? '',
});

/**
 * The messages of a batch that the function is done with. As Lambda has it: a response that names an unknown or an empty id is a
 * failure of the whole batch (AWS Lambda, "Handling errors for an SQS event source").
 */
export const findDoneMessages = (
  records: readonly SQSRecord[],
  response: SQSBatchResponse | undefined,
): readonly SQSRecord[] => {
  const failed = new Set((response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(records.map(({ messageId }) => messageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return records.filter(({ messageId }) => !failed.has(messageId));
};

/**
 * The event source between a queue and a function, as Lambda's own: receives, invokes, deletes what is done. What failed is
 * delivered again after the queue's visibility timeout, and goes to the dead-letter queue in the end.
 */
export const startQueuePoller = (options: PollerOptions): Poller => {
  const { sqs, queueUrl, queueArn, batchSize, concurrency, invoke, onError } = options;
  const stopping = new AbortController();

  const receive = async (): Promise<readonly Message[]> => {
    const request = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: longPollSeconds,
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages } = await sqs.send(request, { abortSignal: stopping.signal });
    return Messages ?? [];
  };

  const pollOnce = async (): Promise<void> => {
    const records = (await receive()).map((message) => toRecord(message, queueArn));
    if (records.length === 0) return;
    const done = findDoneMessages(records, await invoke({ Records: records }));
    await Promise.all(
      done.map(({ receiptHandle }) =>
        sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle })),
      ),
    );
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await pollOnce();
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        await delay(retryMillis, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };

  const running = Array.from({ length: concurrency }, poll);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
};
