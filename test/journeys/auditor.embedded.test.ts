import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { contentKey, contentPrefix } from '../../functions/binaries/binary.ts';
import { createDynamoDbJobStore } from '../../functions/jobs/dynamodb-job-store.ts';
import { toTimeText } from '../../functions/jobs/job-item.ts';
import { writeJobMessage } from '../../functions/jobs/job-message.ts';
import { systemClock } from '../../functions/platform/clock.ts';
import { randomIds } from '../../functions/platform/ids.ts';
import { type Embedded, startEmbedded } from '../../local/start-embedded.ts';
import { createFhirClient, type FhirClient } from '../support/fhir-client.ts';
import { demoTenant, sampleJob } from '../support/sample-job.ts';

const day = 24 * 60 * 60_000;
let service: Embedded;
let owner: FhirClient;
let lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  service = await startEmbedded({ delivery: 'manual', writeLog: (line) => lines.push(JSON.parse(line)) });
  owner = await createFhirClient(service);
});
beforeEach(() => {
  lines = [];
});
afterAll(() => service.stop());

const eventsOf = (event: string) => lines.filter((line) => line['event'] === event);
const bucket = () => service.resources.contentBucket;
/** Where the report of a Binary is stored; version 1 is in the record. */
const reportKey = async (binaryId: string) => {
  const request = new ListObjectsV2Command({ Bucket: bucket(), Prefix: contentPrefix(demoTenant, binaryId) });
  return (await service.clients.s3.send(request)).Contents?.[0]?.Key ?? '';
};
const put = (Key: string, Body: string | Uint8Array) =>
  service.clients.s3.send(new PutObjectCommand({ Bucket: bucket(), Key, Body }));

test('finds what was planted among reports that are as they must be, and nothing else', async () => {
  const [fine, corrupt, bare, stuck, erased] = await Promise.all(Array.from({ length: 5 }, () => owner.order()));
  const Records = [fine, corrupt, bare].map((binary) => ({
    messageId: 'm',
    body: writeJobMessage({ tenantId: demoTenant, binaryId: binary?.id ?? '' }),
  }));
  await service.functions.worker({ Records } as SQSEvent);
  await owner.call('DELETE', `Binary/${erased?.id}`);
  await service.functions.auditor();
  expect(eventsOf('AUDIT_FINDING')).toEqual([]);
  expect(eventsOf('AUDIT_COMPLETED')).toMatchObject([{ records: 5, versions: 7, orphans: 0, findings: 0 }]);

  await put(await reportKey(corrupt?.id ?? ''), 'no report');
  await service.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket(), Key: await reportKey(bare?.id ?? '') }));
  await service.clients.documents.send(
    new UpdateCommand({
      TableName: service.resources.jobsTable,
      Key: { pk: `demo#${stuck?.id}` },
      UpdateExpression: 'SET deadline = :past REMOVE openShard, due',
      ExpressionAttributeValues: { ':past': toTimeText(systemClock.now() - 16 * 60_000) },
    }),
  );
  const orphan = contentKey(demoTenant, randomIds.sortableUuid(systemClock.now() - 5 * day), 1, 'lost');
  await put(orphan, new Uint8Array(2048));
  lines = [];
  await service.functions.auditor();
  const found = eventsOf('AUDIT_FINDING').map(({ kind, binaryId }) => [kind, binaryId]);
  expect(found.sort()).toEqual(
    [
      ['bytes-differ', corrupt?.id],
      ['bytes-missing', bare?.id],
      ['job-overdue', stuck?.id],
    ].sort(),
  );
  expect(eventsOf('AUDIT_COMPLETED')).toMatchObject([
    { findings: 3, orphans: 1, orphanBytes: 2048, AuditorRuns: 1, OrphanBytes: 2048, isCutShort: false },
  ]);
});

test('I12: finds bytes that a Binary left behind which was deleted and swept days ago', async () => {
  const now = systemClock.now();
  const binaryId = randomIds.sortableUuid(now - 3 * day);
  const { due: _due, ...ended } = sampleJob({ binaryId, status: 'DONE', expires: now + 30 * day });
  const deletedAt = now - 2 * day;
  const jobs = createDynamoDbJobStore(service.clients.documents, service.resources.jobsTable);
  await jobs.place(demoTenant, { ...ended, versions: [], deletedAt, erasedAt: deletedAt });
  await put(contentKey(demoTenant, binaryId, 2, 'late'), 'late');
  await service.functions.auditor();
  const found = eventsOf('AUDIT_FINDING').filter((finding) => finding['binaryId'] === binaryId);
  expect(found).toMatchObject([{ kind: 'bytes-left', tenant: 'demo', jobId: ended.jobId, AuditorFindings: 1 }]);
});
