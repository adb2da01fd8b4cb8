import { type CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../platform/clock.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { escapeNonAscii } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { AuditLog, LogDestination } from './audit-log.ts';

/**
 * Settings of the client that writes audit events: they are written before the answer leaves, so the time is that of the caller. At most
 * 2 attempts of 0.5 s to connect and 1 s to answer, which is within what is left when a request is answered at its last moment. Silence
 * amid an answer ends after 1 s too.
 */
export const auditClientSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, socketTimeout: 1000, throwOnRequestTimeout: true },
} as const;

/**
 * Audit events in a log group of their own, one JSON line each. All containers write to one stream, which is there from deployment on:
 * CloudWatch takes parallel writes to one (API reference of PutLogEvents: sequence tokens and the limit a stream are gone).
 */
export const createCloudWatchAuditLog = (
  client: CloudWatchLogsClient,
  { group, stream }: LogDestination,
  clock: Clock,
): AuditLog => ({
  async write(event) {
    const command = new PutLogEventsCommand({
      logGroupName: group,
      logStreamName: stream,
      logEvents: [{ timestamp: clock.now(), message: escapeNonAscii(JSON.stringify(event)) }],
    });
    const { rejectedLogEventsInfo } = await client.send(command).catch((error: unknown) => {
      throw toDependencyError('audit-log', error);
    });
    if (rejectedLogEventsInfo !== undefined) {
      throw new ServiceError('GENERAL_DEPENDENCY_UNAVAILABLE', { reason: 'audit-log rejected' });
    }
  },
});
