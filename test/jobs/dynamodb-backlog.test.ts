import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { createDynamoDbBacklog } from '../../functions/jobs/dynamodb-backlog.ts';
import { toJobItem } from '../../functions/jobs/job-item.ts';
import { planNight } from '../../functions/jobs/night-window.ts';
import { nextLook, retryAt, retryUncountedAt } from '../../functions/jobs/pauses.ts';
import { readWorkerConfig } from '../../functions/worker/config.ts';
import { sampleJob, sampleTime } from '../support/sample-job.ts';
import { sampleTenant } from '../support/sample-tenant.ts';

const client = mockClient(DynamoDBDocumentClient);
const backlog = createDynamoDbBacklog(
  DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-north-1' })),
  'jobs',
);
beforeEach(() => client.reset());

const asked = () => client.commandCalls(QueryCommand).map(({ args }) => args[0].input);

test('every shard of open jobs is asked once, for times and modes and no ids', async () => {
  client.on(QueryCommand).resolves({});
  expect(await backlog.listOpen(sampleTime)).toEqual([]);
  expect(asked().map(({ ExpressionAttributeValues: values }) => values?.[':shard'])).toEqual([...'01234567']);
  expect(asked()[0]).toMatchObject({ TableName: 'jobs', IndexName: 'open' });
  expect(asked()[0]?.ProjectionExpression).not.toMatch(/pk|owner|tenant|userId|binaryId/);
});

test('jobs are read from their items; one that cannot be read is passed over', async () => {
  const job = sampleJob({ reopened: sampleTime + 1, releaseAt: sampleTime + 2, mode: 'schedule' });
  const { mode, created, reopened, releaseAt, deadline } = job;
  client
    .on(QueryCommand)
    .resolvesOnce({ Items: [{ created: 'x' }, { ...toJobItem(job) }] })
    .resolves({});
  expect(await backlog.listOpen(sampleTime)).toEqual([{ mode, created, reopened, releaseAt, deadline }]);
});

test('a shard of many megabytes is read four pages far', async () => {
  client
    .on(QueryCommand)
    .callsFake(({ ExpressionAttributeValues: values }) =>
      values[':shard'] === '0' ? { Items: [{ ...toJobItem(sampleJob()) }], LastEvaluatedKey: { pk: 'x' } } : {},
    );
  expect(await backlog.listOpen(sampleTime)).toHaveLength(4);
  expect(asked()).toHaveLength(4 + 7);
});

test('an index that refuses is for an operator', async () => {
  const name = 'AccessDeniedException';
  const metadata = { $metadata: {}, $fault: 'client', name, message: 'planted-secret' } as const;
  client.on(QueryCommand).rejects(new DynamoDBServiceException(metadata));
  await expect(backlog.listOpen(sampleTime)).rejects.toMatchObject({
    code: 'DEPENDENCY_REFUSED',
    details: { reason: `job-store ${name}` },
  });
});

test('no job that workers may take is due later than it looks', async () => {
  client.on(QueryCommand).resolves({});
  await backlog.listOpen(sampleTime);
  const until = Date.parse(String(asked()[0]?.ExpressionAttributeValues?.[':until']));
  const rules = { requeueAfter: 3_600_000, retryAfter: 600_000, deadlineMargin: 1000 };
  const { timeZone, night } = sampleTenant();
  const night0 = planNight(sampleJob().binaryId, sampleTime, { timeZone, night });
  for (let count = 0; count < 40; count += 1) {
    for (const deadline of [sampleTime + 900_000, night0.deadline, sampleTime + 86_400_000 * 30]) {
      const job = sampleJob({ deadline, redrives: count, attempts: count + 1 });
      expect(nextLook(job, sampleTime, rules)).toBeLessThan(until);
      expect(retryAt(job, sampleTime, rules)).toBeLessThan(until);
      expect(retryUncountedAt(job, sampleTime, rules)).toBeLessThan(until);
    }
  }
  const names = ['AWS_REGION', 'STAGE', 'JOBS_TABLE', 'TENANTS_TABLE', 'CONTENT_BUCKET', 'DATA_BUCKET'];
  const required = Object.fromEntries(names.map((name) => [name, 'x']));
  expect(() => readWorkerConfig({ ...required, LEASE_SECONDS: String((until - sampleTime) / 1000) })).toThrow('LEASE');
});
