import { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ConnectionFault, type SimulatedProcess } from './simulated-process.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import { answerDynamoDb } from './stores/answer-dynamodb.ts';
import { answerS3 } from './stores/answer-s3.ts';
import type { InMemoryBucket } from './stores/in-memory-bucket.ts';
import type { InMemoryTable } from './stores/in-memory-table.ts';
import type { Variant } from './variant.ts';

/** How a client of the SDK is set, as functions/platform/client-settings.ts has it. Milliseconds. */
interface SdkSettings {
  readonly service: string;
  readonly attempts: number;
  readonly timeout: number;
  readonly variant?: Variant;
}

/** For the last calls of an answer. */
const hurried = { attempts: 2, timeout: 1000 };

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** Pauses before the second and third attempt, about as the SDK makes them. */
const pauseBefore = (attempt: number): number => (attempt === 1 ? 0 : 50 * 2 ** attempt);

/**
 * A client that sends like the SDK: what fails on the way is tried again, also where it was applied and only its answer was lost.
 * What the service itself refuses is not.
 */
const createSender =
  (
    process: SimulatedProcess,
    { service, attempts, timeout, variant = {} }: SdkSettings,
    answer: (command: object) => unknown,
  ) =>
  async (given: object, { abortSignal }: SendOptions = {}): Promise<unknown> => {
    const command = variant.command?.(given, process.role) ?? given;
    const operation = command.constructor.name.replace(/Command$/, '');
    for (let attempt = 1; ; attempt += 1) {
      abortSignal?.throwIfAborted();
      const call = {
        service,
        operation,
        timeout,
        delay: pauseBefore(attempt),
        ...(abortSignal && { signal: abortSignal }),
      };
      try {
        return await process.call(call, () => answer(command));
      } catch (error) {
        if (attempt >= attempts || !(error instanceof ConnectionFault)) throw error;
      }
    }
  };

/**
 * A document client of a process over a table.
 *
 * @param acts told whose request it is, each time that one is applied
 */
export const createDocuments = (
  process: SimulatedProcess,
  table: InMemoryTable,
  variant: Variant,
  acts: (process: SimulatedProcess) => void = () => {},
): DynamoDBDocumentClient => {
  const settings = { service: 'dynamodb', attempts: 3, timeout: 3000, variant };
  const answer = (command: object): unknown => {
    acts(process);
    return answerDynamoDb(table, command);
  };
  return { send: createSender(process, settings, answer) } as unknown as DynamoDBDocumentClient;
};

/** An S3 client of a process for the bytes of Binaries. */
export const createContentS3 = (process: SimulatedProcess, bucket: InMemoryBucket, variant: Variant): S3Client => {
  const settings = { service: 's3-content', attempts: 3, timeout: 3000, variant };
  return { send: createSender(process, settings, (command) => answerS3(bucket, command)) } as unknown as S3Client;
};

/** An S3 client of a process for data sets, whose bodies come in two parts. */
export const createDataS3 = (process: SimulatedProcess, bucket: InMemoryBucket, variant: Variant): S3Client => {
  const settings = { service: 's3-data', attempts: 4, timeout: 20_000, variant };
  const fetchRest = (rest: Uint8Array) =>
    process.call({ service: 's3-data', operation: 'body', timeout: settings.timeout }, () => rest);
  const send = createSender(process, settings, (command) => answerS3(bucket, command, fetchRest));
  // The SDK's paginators look whose child a client is.
  return Object.assign(Object.create(S3Client.prototype) as S3Client, { send });
};

/** An SQS client of a process, for one queue and for its dead letters. */
export const createSqs = (process: SimulatedProcess, queue: SimulatedQueue, variant: Variant): SQSClient => {
  const settings = { service: 'sqs', ...(process.role === 'api' ? hurried : { attempts: 3, timeout: 3000 }), variant };
  const answer = (command: object) => {
    if (command instanceof GetQueueAttributesCommand) {
      return { Attributes: { ApproximateNumberOfMessages: String(queue.dead().length) } };
    }
    if (!(command instanceof SendMessageCommand)) throw new TypeError(`not simulated: ${command.constructor.name}`);
    queue.send(String(command.input.MessageBody));
    return {};
  };
  return { send: createSender(process, settings, answer) } as unknown as SQSClient;
};
