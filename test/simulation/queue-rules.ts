import { readInfraTemplate } from '../../local/infra-template.ts';

/** What a queue does with messages that nobody is done with; times in milliseconds. */
export interface QueueRules {
  /** For how long a message that was delivered is hidden. */
  readonly visibilityTimeout: number;
  /** Delivered so often, a message goes to the dead letters the next time. */
  readonly maxReceiveCount: number;
  /** How old a message gets. */
  readonly retention: number;
}

const readQueueRules = async (queue: 'ReportQueue' | 'ImportQueue'): Promise<QueueRules> => {
  const { resources } = await readInfraTemplate();
  const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = resources[queue]?.Properties ?? {};
  const { maxReceiveCount } = RedrivePolicy as { maxReceiveCount: number };
  return {
    visibilityTimeout: Number(VisibilityTimeout) * 1000,
    maxReceiveCount,
    retention: Number(MessageRetentionPeriod) * 1000,
  };
};

/** Of the queue of reports. Its messages are kept for four days, which is longer than any run. */
export const reportQueueRules: Omit<QueueRules, 'retention'> = await readQueueRules('ReportQueue').then(
  ({ visibilityTimeout, maxReceiveCount }) => ({ visibilityTimeout, maxReceiveCount }),
);

/** Of the queue of imports. */
export const importQueueRules: QueueRules = await readQueueRules('ImportQueue');
