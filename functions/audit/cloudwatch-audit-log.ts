import { type CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../platform/clock.ts';
import { toDependencyError } from '../platform/dependency-error.ts';
import { escapeNonAscii } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { AuditLog, LogDestination } from './audit-log.ts';

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
