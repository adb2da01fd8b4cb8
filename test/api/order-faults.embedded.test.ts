import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contentKey, describeStoredVersion } from '../../functions/binaries/binary.ts';
import { createS3BinaryContent } from '../../functions/binaries/s3-binary-content.ts';
import { createDynamoDbJobList } from '../../functions/jobs/dynamodb-job-list.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { createSqsJobQueue } from '../../functions/jobs/sqs-job-queue.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { apiEvent } from '../support/api-event.ts';
import { createTestApi, resourceOf, type TestApi } from '../support/create-test-api.ts';
import type { Fault } from '../support/fault-plans.ts';
import { contractOrder } from '../support/fhir-client.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { demoTenant, demoUser, sampleJob, sampleTime } from '../support/sample-job.ts';
import { type FaultyStores, startFaultyStores } from '../support/start-faulty-stores.ts';
import type { Stores } from '../support/start-stores.ts';

let faulty: FaultyStores;
beforeAll(async () => {
  faulty = await startFaultyStores();
});
afterAll(() => faulty.stop());

type Service = keyof FaultyStores['proxies'];

const jobsOver = ({ documents }: Pick<Stores, 'documents'>) => ({
  ...createDynamoDbJobStore(documents, faulty.direct.ref('JobsTable')),
  ...createDynamoDbJobList(documents, faulty.direct.ref('JobsTable'), createRecordedLog()),
});

/** The api over the stores. Only the service that is to be silent has little patience with. */
const start = (silent?: Service): TestApi => {
  const patient = faulty.connect();
  const impatient = faulty.connect(100);
  const clientsOf = (service: Service) => (service === silent ? impatient : patient);
  return createTestApi(undefined, {
    jobs: jobsOver(clientsOf('dynamodb')),
    content: createS3BinaryContent(clientsOf('s3').s3, faulty.direct.ref('ContentBucket')),
    queue: createSqsJobQueue(clientsOf('sqs').sqs, faulty.direct.ref('ReportQueue')),
  });
};
const order = (api: TestApi, key?: string) =>
  api.send(
    apiEvent('POST', '/fhir/$execute-patient-usage-stats', {
      headers: {
        authorization: 'Bearer owner',
        'content-type': 'application/fhir+json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: contractOrder,
    }),
  );

const direct = () => jobsOver(faulty.direct);
const recorded = async () => (await direct().listByUser(demoTenant, demoUser, { limit: 10 })).jobs;
const receive = async (): Promise<number> => {
  const request = { QueueUrl: faulty.direct.ref('ReportQueue'), MaxNumberOfMessages: 10 };
  return (await faulty.direct.sqs.send(new ReceiveMessageCommand(request))).Messages?.length ?? 0;
};

beforeEach(async () => {
  faulty.heal();
  await faulty.direct.clearJobs();
  while ((await receive()) > 0);
});

const silences: readonly Fault[] = [{ kind: 'reset' }, { kind: 'blackhole' }, { kind: 'stall', afterBytes: 0 }];
const throttling = JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' });

describe('an order', () => {
  test.each([
    { kind: 'reset' } as const,
    { kind: 'blackhole' } as const,
    { kind: 'answer', status: 400, body: throttling } as const,
    { kind: 'answer', status: 500, body: '{}' } as const,
  ])('A8: while DynamoDB meets every call with %j is 503 transient, and neither recorded nor queued', async (fault) => {
    faulty.proxies.dynamodb.inject({ fault });
    const answer = await order(start('dynamodb'));
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers?.['retry-after'])).toBeGreaterThan(0);
    expect(resourceOf(answer)).toMatchObject({ issue: [{ code: 'transient' }] });
    expect([await recorded(), await receive()]).toEqual([[], 0]);
  });

  test('A1: needs nothing of S3', async () => {
    faulty.proxies.s3.inject({ fault: { kind: 'reset' } });
    const api = start('s3');
    const answer = await order(api);
    expect(answer.statusCode).toBe(200);
    const headers = { authorization: 'Bearer owner', accept: 'text/plain' };
    const read = await api.send(apiEvent('GET', `/fhir/Binary/${resourceOf(answer)['id']}`, { headers }));
    expect(Buffer.from(read.body ?? '', 'base64').toString()).toBe('*NOT GENERATED YET*');
  });

  test.each(['lose-answer', 'stall'] as const)(
    'A6, A8: whose record is written, but by an answer that is %s, is 503: nothing is taken back, and the dispatcher finds the job',
    async (kind) => {
      const fault = kind === 'stall' ? ({ kind, afterBytes: 0 } as const) : { kind };
      faulty.proxies.dynamodb.inject({ operation: 'PutItem', fault });
      expect((await order(start('dynamodb'))).statusCode).toBe(503);
      const [job] = await recorded();
      expect(job).toMatchObject({ status: 'QUEUED', attempts: 0 });
    },
  );

  test('A6: whose every first answer is lost is 200, with one record', async () => {
    for (const [service, operation] of [
      ['dynamodb', 'PutItem'],
      ['sqs', 'SendMessage'],
    ] as const) {
      faulty.proxies[service].inject({ operation, fault: { kind: 'lose-answer' }, times: 1 });
    }
    const answer = await order(start());
    expect(answer.statusCode).toBe(200);
    const binaryId = String(resourceOf(answer)['id']);
    expect(await recorded()).toMatchObject([{ binaryId, status: 'QUEUED' }]);
    expect(await receive()).toBe(2);
  });

  test('A6: with an Idempotency-Key whose answers are lost at the first try is one job after the second', async () => {
    faulty.proxies.dynamodb.inject({ operation: 'PutItem', skip: 1, fault: { kind: 'lose-answer' } });
    expect((await order(start(), 'key-1')).statusCode).toBe(503);
    faulty.heal();
    const answer = await order(start(), 'key-1');
    expect(answer.statusCode).toBe(200);
    expect(await recorded()).toMatchObject([{ binaryId: resourceOf(answer)['id'] }]);
  });

  test.each([...silences, { kind: 'answer', status: 500, body: '{}' }] as const)(
    'A10: while the queue meets every message with $kind stands, and the operator is told',
    async (fault) => {
      faulty.proxies.sqs.inject({ fault });
      const api = start('sqs');
      const answer = await order(api);
      expect(answer.statusCode).toBe(200);
      expect(await recorded()).toMatchObject([{ binaryId: resourceOf(answer)['id'], status: 'QUEUED' }]);
      expect(api.logger.of('ENQUEUE_FAILED')).toHaveLength(1);
    },
  );
});

describe('a read of bytes', () => {
  test.each<Fault>([
    { kind: 'cut', afterBytes: 5 },
    { kind: 'stall', afterBytes: 5 },
    { kind: 'blackhole' },
    { kind: 'shorten', afterBytes: 5 },
    { kind: 'garble', at: 5 },
  ])('that come with %j is 503, and none of them is given out (I3)', async (fault) => {
    const job = sampleJob({ binaryId: randomIds.sortableUuid(sampleTime), status: 'DONE' });
    const key = contentKey(demoTenant, job.binaryId, 2, 'a');
    const content = { key, contentType: 'text/plain', bytes: Buffer.from('*PLANTED*') };
    const version = describeStoredVersion({ ...content, versionId: 2, lastUpdated: sampleTime, writer: 'a' }, key);
    const store = createS3BinaryContent(faulty.direct.s3, faulty.direct.ref('ContentBucket'));
    await store.put(demoTenant, content, new AbortController().signal);
    await direct().place(demoTenant, { ...job, versions: [...job.versions, version] });
    faulty.proxies.s3.inject({ operation: 'GET', fault });
    const headers = { authorization: 'Bearer owner', accept: 'text/plain' };
    const answer = await start('s3').send(apiEvent('GET', `/fhir/Binary/${job.binaryId}`, { headers }));
    expect(answer.statusCode).toBe(503);
    expect(JSON.stringify(answer)).not.toContain('*PLA');
  });
});
