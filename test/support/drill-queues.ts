import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { findDoneMessages } from '../../local/queue-poller.ts';
import type { Embedded } from '../../local/start-embedded.ts';

/** A queue that feeds a function. */
export type FeedingQueue = 'ReportQueue' | 'ImportQueue';
/** A queue that no function reads. */
export type UnreadQueue = 'FailedRunQueue' | 'ImportDeadLetterQueue';

/** The queues of the embedded runtime by their logical ids, with no poller at them. */
export interface DrillQueues {
  send(queue: FeedingQueue | UnreadQueue, body: string): Promise<void>;
  /**
   * Gives what can be received to the function, one message an event, and deletes what it is done with, as Lambda's event source does. What is
   * older than the queue keeps messages is gone before: SQS does that, and the emulator does not.
   */
  deliver(queue: FeedingQueue, invoke: (event: SQSEvent) => Promise<SQSBatchResponse | undefined>): Promise<void>;
  /** How many wait to be received. */
  countWaiting(queue: FeedingQueue | UnreadQueue): Promise<number>;
}

const toRecord = ({ MessageId = '', Body = '' }: Message) => ({ messageId: MessageId, body: Body }) as SQSRecord;

/** Of what the test's clock says. */
export const openDrillQueues = ({ clients: { sqs }, endpoints }: Embedded): DrillQueues => {
  const find = async (queue: string): Promise<string> => {
    const { QueueUrl = '' } = await sqs.send(
      new GetQueueUrlCommand({ QueueName: `serverless-reporting-local-${queue}` }),
    );
    return new URL(new URL(QueueUrl).pathname, endpoints.sqs).href;
  };
  const read = async (queue: string, name: QueueAttributeName): Promise<number> => {
    const request = new GetQueueAttributesCommand({ QueueUrl: await find(queue), AttributeNames: [name] });
    return Number((await sqs.send(request)).Attributes?.[name]);
  };
  return {
    async send(queue, body) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await find(queue), MessageBody: body }));
    },
    async deliver(queue, invoke) {
      const QueueUrl = await find(queue);
      const oldest = Date.now() - 1000 * (await read(queue, 'MessageRetentionPeriod'));
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      for (const message of (await sqs.send(command)).Messages ?? []) {
        const isGone = Number(message.Attributes?.SentTimestamp) <= oldest;
        const records = [toRecord(message)];
        const response = isGone ? undefined : await invoke({ Records: records });
        if (!isGone && findDoneMessages(records, response).length === 0) continue;
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      }
    },
    countWaiting: (queue) => read(queue, 'ApproximateNumberOfMessages'),
  };
};
