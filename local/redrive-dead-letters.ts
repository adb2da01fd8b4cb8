import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { isOpen, type Job } from '../functions/jobs/job.ts';
import { type JobMessage, readJobMessage } from '../functions/jobs/job-message.ts';
import type { JobQueue } from '../functions/jobs/job-queue.ts';
import type { JobStore } from '../functions/jobs/job-store.ts';
import { describeError } from '../functions/platform/logger.ts';
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
export interface DeadLetterOptions {
  readonly apply: boolean;
  /** Message ids of dead letters that are deleted whatever they hold. */
  readonly discard: ReadonlySet<string>;
  /** No more messages than these are looked at. */
  readonly most: number;
  /** Long polling asks every server of the queue, so that no answer means that there is nothing more. 0 is enough for an emulator. */
  readonly waitSeconds: 0 | 1;
}

/** How long a received message is hidden from others, in seconds: what is kept is shown again at the end, sooner. */
const hiddenSeconds = { dryRun: 30, apply: 120 } as const;

type Decision = Pick<RedriveRow, 'why'> & { readonly outcome: 'queue' | 'delete' | 'keep' };

/** What is right for a dead letter whose job is as given. Pure. */
export const decideDeadLetter = (
  message: JobMessage | undefined,
  job: Job | undefined,
  isDiscarded: boolean,
): Decision => {
  if (isDiscarded) return { outcome: 'delete', why: 'discarded by its message id' };
  if (message === undefined) return { outcome: 'keep', why: 'not a message of this service; --discard deletes it' };
  // Also what a wrong --table looks like, so it is not deleted by itself.
  if (job === undefined) return { outcome: 'keep', why: 'there is no such job in this table; --discard deletes it' };
  if (job.deletedAt !== undefined) return { outcome: 'delete', why: 'its Binary was deleted' };
  if (!isOpen(job))
    return { outcome: 'delete', why: `its job has ended${job.status === 'FAILED' ? '; --binary reopens it' : ''}` };
  if (job.releaseAt !== undefined) return { outcome: 'delete', why: 'its job waits for its night' };
  return { outcome: 'queue', why: 'its job is open: queue it again, then delete this' };
};

/** Queue, then dead letter: killed in between, the message is there twice, which is harmless. */
const act = async (
  { queue, sqs, deadLetterQueueUrl }: DeadLetterDependencies,
  { outcome }: Decision,
  message: JobMessage | undefined,
  ReceiptHandle: string | undefined,
): Promise<void> => {
  if (outcome === 'keep') return;
  if (outcome === 'queue' && message !== undefined) await queue.send(message.tenantId, message.binaryId);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
};

const settle = async (
  dependencies: DeadLetterDependencies,
  { apply, discard }: DeadLetterOptions,
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
    const decision = decideDeadLetter(message, job, discard.has(MessageId));
    if (apply) await act(dependencies, decision, message, ReceiptHandle);
    return { ...decision, what: [...what, job?.status ?? (message === undefined ? '-' : 'unknown')] };
  } catch (error) {
    const { errorName, reason = errorName } = describeError(error);
    return { what: [...what, '?'], outcome: 'failed', why: reason };
  }
};

/** Columns of the rows that {@link redriveDeadLetters} gives. */
export const deadLetterHeadings = ['dead letter', 'age', 'received', 'job', 'status'];

/**
 * Looks at the dead letters one after another and, with `apply`, does with each what is right. What is looked at is hidden from
 * others meanwhile; what stays is shown again at the end.
 *
 * @throws the SDK's errors when the queue itself does not answer
 */
export const redriveDeadLetters = async (
  dependencies: DeadLetterDependencies,
  options: DeadLetterOptions,
): Promise<readonly RedriveRow[]> => {
  const { sqs, deadLetterQueueUrl: QueueUrl } = dependencies;
  const rows = new Map<string, RedriveRow>();
  const shown = new Map<string, string>();
  try {
    for (let isMore = true; isMore && rows.size < options.most; ) {
      const receive = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(10, options.most - rows.size),
        VisibilityTimeout: options.apply ? hiddenSeconds.apply : hiddenSeconds.dryRun,
        WaitTimeSeconds: options.waitSeconds,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      });
      const { Messages = [] } = await sqs.send(receive);
      const fresh = Messages.filter(({ MessageId = '' }) => !rows.has(MessageId));
      isMore = fresh.length > 0;
      for (const message of Messages) shown.set(message.MessageId ?? '', message.ReceiptHandle ?? '');
      for (const message of fresh) rows.set(message.MessageId ?? '', await settle(dependencies, options, message));
    }
  } finally {
    const gone = (row: RedriveRow | undefined) =>
      options.apply && (row?.outcome === 'queue' || row?.outcome === 'delete');
    for (const [id, ReceiptHandle] of shown) {
      if (gone(rows.get(id))) continue;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    }
  }
  return [...rows.values()];
};
