import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { contentKey } from '../../functions/binaries/binary.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import type { DrillBench } from './drill-bench.ts';
import type { FeedingQueue } from './drill-queues.ts';
import { sampleJob, storedPlaceholder } from './sample-job.ts';

const minute = 60_000;
const hour = 60 * minute;
const demo = restoreTenantId('demo');

/** Does something so many times, one after the other. */
export const times = async (count: number, act: () => Promise<unknown>): Promise<void> => {
  for (let done = 0; done < count; done += 1) await act();
};

/** A tick after each of so many minutes. */
export const tickEachMinute = (bench: DrillBench, minutes: number): Promise<void> =>
  times(minutes, async () => {
    bench.advance(minute);
    await bench.tick();
  });

/** Orders a report and gives the message that its worker would get. */
export const order = async (bench: DrillBench): Promise<{ readonly id: string; readonly event: SQSEvent }> => {
  const { id } = await (await bench.client()).order();
  const body = writeJobMessage({ tenantId: demo, binaryId: id });
  return { id, event: { Records: [{ messageId: 'm', body }] } as SQSEvent };
};

/** Delivers what is in a queue as often as it may be, each time when it can be received again; then once more, at which SQS moves it. */
export const deliverUntilDead = (bench: DrillBench, queue: FeedingQueue): Promise<void> =>
  times(6, async () => {
    await bench.deliver(queue);
    bench.advance(30 * minute);
  });

/** Takes everything out of the report queue. */
export const emptyQueue = async (bench: DrillBench): Promise<void> => {
  const QueueUrl = bench.service.resources.reportQueueUrl;
  for (let found = await bench.watchQueue(); found.length > 0; found = await bench.watchQueue()) {
    for (const { ReceiptHandle } of found) {
      await bench.service.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
};

/** What a user does with reports that cannot be read. */
export const deleteAll = async (bench: DrillBench): Promise<void> => {
  await emptyQueue(bench);
  const client = await bench.client();
  const bundle = await (await client.call('GET', '$get-report-job-status')).text();
  for (const [, id] of bundle.matchAll(/Binary\/([0-9a-f-]{36})/g)) await client.call('DELETE', `Binary/${id}`);
};

/** Stores bytes in the content bucket. */
export const putObject = ({ service: { clients, resources } }: DrillBench, Key: string, Body: string | Uint8Array) =>
  clients.s3.send(new PutObjectCommand({ Bucket: resources.contentBucket, Key, Body }));

/** A record of a finished job that says that its bytes are stored; they are not. */
export const placeStored = async (bench: DrillBench): Promise<{ readonly binaryId: string; readonly key: string }> => {
  const { clients, resources } = bench.service;
  const binaryId = randomIds.sortableUuid(bench.now());
  const job = sampleJob({ binaryId, status: 'DONE', created: bench.now(), expires: bench.now() + 30 * 24 * hour });
  const { due: _due, ...ended } = { ...job, versions: [storedPlaceholder(job)] };
  await createDynamoDbJobStore(clients.documents, resources.jobsTable).place(demo, ended);
  return { binaryId, key: contentKey(demo, binaryId, 1, job.jobId) };
};
