import {
  CloudWatchLogsClient,
  CloudWatchLogsServiceException,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { describeAudit } from '../../functions/audit/audit-event.ts';
import { createCloudWatchAuditLog } from '../../functions/audit/cloudwatch-audit-log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { sampleTime } from '../support/sample-job.ts';

const client = mockClient(CloudWatchLogsClient);
const destination = { group: 'audit', stream: 'api' };
const log = createCloudWatchAuditLog(
  new CloudWatchLogsClient({ region: 'eu-north-1' }),
  destination,
  createManualClock(),
);
beforeEach(() => client.reset());

const event = describeAudit({
  recorded: sampleTime,
  requestId: 'request-1',
  interaction: 'read',
  user: { tenant: 'demo', issuer: 'https://issuer.example', userId: 'Søren\u2028\u202e' },
  status: 200,
  errorCode: undefined,
  operation: undefined,
  binary: undefined,
});

test('an event is one line of ASCII in its stream, and is kept when the write resolves', async () => {
  client.on(PutLogEventsCommand).resolves({});
  await log.write(event);
  const [call] = client.commandCalls(PutLogEventsCommand);
  const { logEvents, ...where } = call?.args[0].input ?? {};
  expect(where).toEqual({ logGroupName: 'audit', logStreamName: 'api' });
  expect(logEvents).toHaveLength(1);
  expect(logEvents?.[0]?.timestamp).toBe(sampleTime);
  expect(logEvents?.[0]?.message).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(logEvents?.[0]?.message ?? '')).toEqual(event);
});

test.each([
  ['ThrottlingException', 'GENERAL_DEPENDENCY_UNAVAILABLE'],
  ['AccessDeniedException', 'DEPENDENCY_REFUSED'],
  ['ResourceNotFoundException', 'DEPENDENCY_REFUSED'],
])('%s is %s and tells nothing else (A37)', async (name, code) => {
  client
    .on(PutLogEventsCommand)
    .rejects(new CloudWatchLogsServiceException({ name, $fault: 'server', $metadata: {}, message: 'planted-secret' }));
  const thrown: unknown = await log.write(event).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code, details: { reason: `audit-log ${name}` } });
  expect(JSON.stringify(thrown)).not.toContain('planted-secret');
});

test('a connection that fails is told as one', async () => {
  client.on(PutLogEventsCommand).rejects(new Error('connect ECONNREFUSED 192.0.2.7'));
  await expect(log.write(event)).rejects.toMatchObject({ details: { reason: 'audit-log connection' } });
});

test('an event that CloudWatch answers 200 for but does not take is not kept', async () => {
  client.on(PutLogEventsCommand).resolves({ rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } });
  await expect(log.write(event)).rejects.toMatchObject({ details: { reason: 'audit-log rejected' } });
});
