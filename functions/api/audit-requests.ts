import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describeAudit } from '../audit/audit-event.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../auth/caller.ts';
import { isBinaryId } from '../binaries/binary.ts';
import { toServiceError } from '../fhir/operation-outcome.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, type Logger } from '../platform/logger.ts';
import type { ErrorCode } from '../platform/service-error.ts';
import { type Found, findRoute } from './answer-request.ts';
import type { ApiRequest } from './api-request.ts';
import type { ApiResponse } from './api-response.ts';
import { findInteraction, findOperationCode } from './interactions.ts';
import type { Method, Route } from './route.ts';

/** What auditing needs. */
export interface AuditDependencies {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

const describeUser = (caller: Caller | undefined) =>
  caller && { tenant: caller.tenant.id, issuer: caller.tenant.issuer, userId: caller.userId };

/** The version that an answer says it holds: of an order the new one, of a read the one that was given out. */
const answeredBinary = ({ headers }: APIGatewayProxyStructuredResultV2): string | undefined =>
  /Binary\/[^/]+\/_history\/\d+$/.exec(String(headers?.['content-location'] ?? ''))?.[0];

/** The Binary that a path names, where its id has our own form. */
const namedBinary = ({ route, captured: [id = '', versionId] }: Found): string | undefined => {
  if (!route.template.startsWith('/Binary/') || !isBinaryId(id)) return undefined;
  return /^\d{1,9}$/.test(versionId ?? '') ? `Binary/${id}/_history/${versionId}` : `Binary/${id}`;
};

const describeTarget = (target: Found | undefined, { method }: ApiRequest) => {
  if (target === undefined) return { interaction: undefined, operation: undefined };
  const { route } = target;
  const operation = findOperationCode(route);
  if (operation !== undefined) return { interaction: 'operation' as const, operation };
  const served = method === 'HEAD' ? 'GET' : (method as Method);
  return { interaction: findInteraction({ route, method: served })?.code, operation: undefined };
};

/**
 * One audit event a request, before its answer leaves; none for what is public. It has to be the outermost of the middlewares, so that it
 * sees the answer that is sent. An event that cannot be kept changes no answer: what was ordered is ordered. It is an error event in
 * the log (`AUDIT_NOT_WRITTEN`), and operators have to be told.
 */
export const auditRequests = (
  { audit, clock, logger }: AuditDependencies,
  routes: readonly Route[],
): MiddlewareObj<ApiRequest, ApiResponse | APIGatewayProxyStructuredResultV2> => {
  const write = async (
    request: ApiRequest,
    answer: APIGatewayProxyStructuredResultV2,
    errorCode?: ErrorCode,
  ): Promise<void> => {
    const target = findRoute(routes, request.path);
    if (target?.route.access === 'public') return;
    const { requestId, trace } = request;
    const status = answer.statusCode ?? 500;
    const event = describeAudit({
      ...describeTarget(target, request),
      recorded: clock.now(),
      requestId,
      user: describeUser(trace.caller),
      status,
      errorCode,
      binary: answeredBinary(answer) ?? (target && namedBinary(target)),
    });
    try {
      await audit.write(event);
    } catch (error) {
      const { reason } = toServiceError(error).details;
      const { tenant, route } = trace;
      logger.log('AUDIT_NOT_WRITTEN', { requestId, tenant, route, status, errorCode, reason, ...describeError(error) });
    }
  };
  return {
    after: ({ event, response }) => write(event, response as APIGatewayProxyStructuredResultV2),
    onError: ({ event, response, error }) =>
      write(event, response as APIGatewayProxyStructuredResultV2, toServiceError(error).code),
  };
};
