import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Poller, startQueuePoller } from '../../local/queue-poller.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient, type FhirClient } from '../support/fhir-client.ts';

const limit = 25;
const workers = 2;

interface LoggedEvent {
  readonly event: string;
  readonly tenant?: string;
  readonly binaryId?: string;
}

let service: Embedded;
let poller: Poller | undefined;
/** The tenant `other` is the busy one: its sample is the smaller. */
let busy: FhirClient;
let quiet: FhirClient;
const log: LoggedEvent[] = [];

beforeAll(async () => {
  service = await startEmbedded({
    delivery: 'manual',
    writeLog: (line) => void log.push(JSON.parse(line) as LoggedEvent),
  });
  await service.clients.documents.send(
    new UpdateCommand({
      TableName: service.resources.tenantsTable,
      Key: { id: 'other' },
      UpdateExpression: 'SET openJobs = :openJobs',
      ExpressionAttributeValues: { ':openJobs': { execute: limit, schedule: 3 } },
    }),
  );
  busy = await createFhirClient(service, {}, 'other');
  quiet = await createFhirClient(service);
});
afterAll(async () => {
  await poller?.stop();
  await service.stop();
});

const orderMany = async (count: number) => {
  const ordered = Array.from({ length: count }, () =>
    busy.call('POST', '$execute-patient-usage-stats', { body: contractOrder }),
  );
  const answers = await Promise.all(ordered);
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  const accepted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status, headers }) => status === 429 && Number(headers.get('retry-after')) >= 1);
  expect(accepted.length + refused.length).toBe(count);
  return accepted.length;
};

/** Objects, records of jobs and messages that there are. */
const countStored = async () => {
  const { documents, s3, sqs } = service.clients;
  const { jobsTable, contentBucket, reportQueueUrl } = service.resources;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: contentBucket }));
  const { Items = [] } = await documents.send(new ScanCommand({ TableName: jobsTable }));
  const AttributeNames = ['ApproximateNumberOfMessages'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: reportQueueUrl, AttributeNames: [...AttributeNames] }),
  );
  const records = Items.filter((item) => item['binaryId'] !== undefined);
  return [Contents.length, records.length, Number(Attributes?.['ApproximateNumberOfMessages'])];
};

test('H66: of two hundred orders at once over HTTP as many are accepted as the tenant has places, and the others leave nothing behind', async () => {
  expect(await orderMany(200)).toBe(limit);
  expect(await countStored()).toEqual([0, limit, limit]);
});

test('H66: while one tenant goes on ordering, at most as many of its reports as it may have open are begun before the one of another', async () => {
  const begun = Date.now();
  const { id } = await quiet.order();
  poller = startQueuePoller({
    sqs: service.clients.sqs,
    queueUrl: service.resources.reportQueueUrl,
    queueArn: 'arn:aws:sqs:eu-north-1:000000000000:ReportQueue',
    batchSize: 1,
    concurrency: workers,
    invoke: service.functions.worker,
    onError: (error) => void log.push({ event: String(error) }),
  });
  const isOf = (wanted: string) => (one: LoggedEvent) => one.event === wanted && one.binaryId === id;
  let accepted = limit;
  const hasEnded = () => log.some(isOf('JOB_DONE'));
  for (let ordered = 0; ordered < 100 && !hasEnded(); ordered += 5) accepted += await orderMany(5);
  await expect.poll(hasEnded, { timeout: 30_000 }).toBe(true);
  const claimed = log.slice(0, log.findIndex(isOf('JOB_CLAIMED'))).filter(({ event }) => event === 'JOB_CLAIMED');
  process.stdout.write(
    `fairness, embedded, ${workers} workers: ${accepted} orders of one tenant accepted, ${claimed.length} of them begun before the one of the other, bound ${limit}; that took ${Date.now() - begun} ms\n`,
  );
  expect(new Set(claimed.map(({ tenant }) => tenant))).toEqual(new Set(['other']));
  expect(claimed.length).toBeLessThanOrEqual(limit);
}, 60_000);

test('H66: none of the accepted orders is lost, and the tenant can order again', async () => {
  await expect.poll(async () => new Set(await busy.statuses()), { timeout: 30_000 }).toEqual(new Set(['DONE']));
  await expect.poll(() => orderMany(1), { timeout: 30_000, interval: 500 }).toBe(1);
  await expect.poll(async () => new Set(await busy.statuses()), { timeout: 30_000 }).toEqual(new Set(['DONE']));
}, 90_000);
