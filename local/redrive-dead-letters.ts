import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type JobMessage, readJobMessage } from '../functions/jobs/job-message.ts';
import type { JobQueue } from '../functions/jobs/job-queue.ts';
import type { JobStore } from '../functions/jobs/job-store.ts';
import { describeError } from '../functions/platform/logger.ts';
import { type DeadLetterDecision, type Discarding, decideDeadLetter } from './decide-dead-letter.ts';
import { describeAge, type RedriveRow } from './redrive-row.ts';

/** What re-driving dead letters needs. */
export interface DeadLetterDependencies {
  readonly jobs: Pick<JobStore, 'read'>;
  readonly queue: JobQueue;
  readonly sqs: SQSClient;
  readonly deadLetterQueueUrl: string;
  readonly now: () => number;
}

/** What is to be done with the dead letters. */
export interface DeadLetterOptions extends Discarding {
  readonly apply: boolean;
  /** No more messages than these are looked at. */
  readonly most: number;
  /** Long polling asks every server of the queue, so that no answer means that there is nothing more. 0 is enough for an emulator. */
  readonly waitSeconds: 0 | 1;
}

/** How long a received message is hidden from others, in seconds: what is kept is shown again at the end, sooner. */
const hiddenSeconds = { dryRun: 30, apply: 120 } as const;

/** Queue, then dead letter: killed in between, the message is there twice, which is harmless. */
const act = async (
  { queue, sqs, deadLetterQueueUrl }: DeadLetterDependencies,
  { outcome }: DeadLetterDecision,
  message: JobMessage | undefined,
  ReceiptHandle: string | undefined,
): Promise<void> => {
  if (outcome === 'keep') return;
  if (outcome === 'queue' && message !== undefined) await queue.send(message.tenantId, message.binaryId);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
};

const settle = async (
  dependencies: DeadLetterDependencies,
  { apply, ...discarding }: DeadLetterOptions,
  { MessageId = '', ReceiptHandle, Body = '', Attributes = {} }: Message,
): Promise<RedriveRow> => {
  const message = readJobMessage(Body);
  const what = [
    MessageId,
    describeAge(dependencies.now() - Number(Attributes.SentTimestamp)),
    String(Attributes.ApproximateReceiveCount ?? '?'),
    message === undefined ? 'unreadable' : `${message.tenantId}/${message.binaryId}`,
  ];
  try {
    const job = message && (await dependencies.jobs.read(message.tenantId, message.binaryId));
    const decision = decideDeadLetter(MessageId, message, job, discarding);
    if (apply) await act(dependencies, decision, message, ReceiptHandle);
    return { ...decision, what: [...what, job?.status ?? (message === undefined ? '-' : 'unknown')] };
  } catch (error) {
    const { errorName, reason = errorName } = describeError(error);
    return { what: [...what, '?'], outcome: 'failed', why: reason };
  }
};

/** Columns of the rows that {@link redriveDeadLetters} gives. */
export const deadLetterHeadings = ['dead letter', 'age', 'received', 'job', 'status'];

const rowWithoutMessage = (what: string, why: string): RedriveRow => ({
  what: [what, '-', '-', '-', '-'],
  outcome: 'failed',
  why,
});

const receive = async (
  { sqs, deadLetterQueueUrl: QueueUrl }: DeadLetterDependencies,
  { apply, waitSeconds }: DeadLetterOptions,
  most: number,
): Promise<readonly Message[]> => {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: Math.min(10, most),
    VisibilityTimeout: apply ? hiddenSeconds.apply : hiddenSeconds.dryRun,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
  });
  return (await sqs.send(command)).Messages ?? [];
};

/** Nothing is lost where this fails: the message is shown by itself at the end of its time, or was so already (`MessageNotInflight`). */
const showAgain = async (
  { sqs, deadLetterQueueUrl: QueueUrl }: DeadLetterDependencies,
  ReceiptHandle: string,
): Promise<void> => {
  const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  await sqs.send(command).catch(() => undefined);
};

/**
 * Looks at the dead letters one after another and, with `apply`, does with each what is right. What is looked at is hidden from
 * others meanwhile; what stays is shown again at the end.
 *
 * @returns a row for each, and one that `failed` for each id to be discarded that was not among them, and for a queue that answers no more:
 *   what was done until then is always told
 * @throws the SDK's errors when the queue does not answer at all
 */
export const redriveDeadLetters = async (
  dependencies: DeadLetterDependencies,
  options: DeadLetterOptions,
): Promise<readonly RedriveRow[]> => {
  const { apply, discard, most } = options;
  const rows = new Map<string, RedriveRow>();
  const hidden = new Map<string, string>();
  const ends: RedriveRow[] = [];
  try {
    for (let isMore = true; isMore && rows.size < most; ) {
      const messages = await receive(dependencies, options, most - rows.size);
      const fresh = messages.filter(({ MessageId = '' }) => !rows.has(MessageId));
      isMore = fresh.length > 0;
      for (const { MessageId = '', ReceiptHandle = '' } of messages) hidden.set(MessageId, ReceiptHandle);
      for (const message of fresh) {
        const row = await settle(dependencies, options, message);
        rows.set(message.MessageId ?? '', row);
        if (apply && (row.outcome === 'queue' || row.outcome === 'delete')) hidden.delete(message.MessageId ?? '');
      }
    }
  } catch (error) {
    if (rows.size === 0) throw error;
    ends.push(rowWithoutMessage('the others', `the queue does not answer: ${describeError(error).errorName}`));
  }
  for (const handle of hidden.values()) await showAgain(dependencies, handle);
  const missed = [...discard].filter((id) => !rows.has(id));
  const missing = missed.map((id) => rowWithoutMessage(id, 'is not among the dead letters that were looked at'));
  return [...rows.values(), ...ends, ...missing];
};
