import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreTenantId } from '../../functions/auth/tenant.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { toTimeText } from '../../functions/jobs/job-item.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { contractOrder, createFhirClient, type FhirClient, type ReceivedBinary } from '../support/fhir-client.ts';

const tenant = restoreTenantId('demo');
let service: Embedded;
let owner: FhirClient;

beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: () => {} });
  owner = await createFhirClient(service);
});
afterAll(() => service.stop());

const schedule = () => owner.call('POST', '$schedule-patient-usage-stats', { body: contractOrder });
const stored = (id: string) =>
  createDynamoDbJobStore(service.clients.documents, service.resources.jobsTable).read(tenant, id);
const receive = async (): Promise<readonly string[]> => {
  const QueueUrl = service.resources.reportQueueUrl;
  const { Messages = [] } = await service.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  return Messages.map(({ Body = '' }) => Body);
};
const deliver = (body: string) =>
  service.functions.worker({ Records: [{ messageId: 'm1', body }] } as unknown as SQSEvent);
/** As if its time in the night had come. */
const letNightCome = (id: string) =>
  service.clients.documents.send(
    new UpdateCommand({
      TableName: service.resources.jobsTable,
      Key: { pk: `demo#${id}` },
      UpdateExpression: 'SET due = :past, releaseAt = :past',
      ExpressionAttributeValues: { ':past': toTimeText(0) },
    }),
  );

test('a report that is scheduled over HTTP waits for the night, is released, and becomes version 2', async () => {
  const response = await schedule();
  const { id, ...placeholder } = (await response.json()) as ReceivedBinary;
  expect(response.status).toBe(200);
  expect(response.headers.get('location')).toBe(`${service.baseUrl}/Binary/${id}/_history/1`);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(60);
  expect(placeholder).toMatchObject({ contentType: 'text/plain', data: 'Kk5PVCBHRU5FUkFURUQgWUVUKg==' });

  const body = writeJobMessage({ tenantId: tenant, binaryId: id });
  await service.functions.dispatcher();
  await deliver(body);
  expect([await receive(), await owner.statuses()]).toEqual([[], ['QUEUED']]);
  expect(await stored(id)).toMatchObject({ mode: 'schedule', attempts: 0, releaseAt: expect.any(Number) });

  await letNightCome(id);
  await deliver(body);
  expect(await stored(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  await service.functions.dispatcher();
  expect(await receive()).toEqual([body]);
  await deliver(body);
  expect(await owner.read(`Binary/${id}`)).toMatchObject({
    meta: { versionId: '2' },
    contentType: 'application/gzip-json',
  });
  expect(await owner.statuses()).toEqual(['DONE']);
});

test('one that was deleted before its night is cancelled and never released', async () => {
  const { id } = (await (await schedule()).json()) as ReceivedBinary;
  expect((await owner.call('DELETE', `Binary/${id}`)).status).toBe(200);
  await letNightCome(id);
  await service.functions.dispatcher();
  await deliver(writeJobMessage({ tenantId: tenant, binaryId: id }));
  expect(await stored(id)).toMatchObject({ status: 'CANCELLED', attempts: 0, versions: [] });
  expect(await receive()).toEqual([]);
});
