import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { toErrorResponse, toServiceError } from '../fhir/operation-outcome.ts';
import { describeError } from '../platform/logger.ts';
import { ServiceError } from '../platform/service-error.ts';
import { answerRequest } from './answer-request.ts';
import { type ApiRequest, readApiRequest } from './api-request.ts';
import { type ApiResponse, renderResponse } from './api-response.ts';
import { auditRequests } from './audit-requests.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createRoutes } from './routes.ts';

/** The api Lambda's entry: an HTTP API event of payload 2.0 in, its answer out. Never rejects. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** The function ends at 29 s and the gateway at 30 s; a request that still runs this long before is answered 503. */
const answerBeforeTimeoutMillis = 4000;

type ApiMiddleware = MiddlewareObj<ApiRequest, ApiResponse | APIGatewayProxyStructuredResultV2>;

/** Turns events into requests, answers into what the gateway takes, and errors into OperationOutcomes. */
const speakHttp = ({ ids, basePath }: ApiDependencies): ApiMiddleware => ({
  before: (middyRequest) => {
    middyRequest.event = readApiRequest(middyRequest.event as unknown as APIGatewayProxyEventV2, basePath, ids);
  },
  after: (middyRequest) => {
    middyRequest.response = renderResponse(middyRequest.response as ApiResponse, middyRequest.event);
  },
  onError: (middyRequest) => {
    const { status, headers, body } = toErrorResponse(toServiceError(middyRequest.error));
    const answer: ApiResponse = { status, headers, body: { kind: 'resource', resource: body } };
    middyRequest.response = renderResponse(answer, middyRequest.event);
  },
});

/** One event a request, once its outcome is known; a fault of the service is an error event of its own. */
const logRequests = ({ logger, clock }: ApiDependencies): ApiMiddleware => {
  const begun = new WeakMap<ApiRequest, number>();
  const describe = (request: ApiRequest, status: number) => ({
    requestId: request.requestId,
    tenant: request.trace.tenant,
    route: request.trace.route,
    method: /^[A-Z]{1,10}$/.test(request.method) ? request.method : 'other',
    status,
    milliseconds: clock.now() - (begun.get(request) ?? clock.now()),
  });
  return {
    before: ({ event }) => void begun.set(event, clock.now()),
    after: ({ event, response }) => logger.log('REQUEST_COMPLETED', describe(event, (response as ApiResponse).status)),
    onError: ({ event, error }) => {
      const known = toServiceError(error);
      const { status } = toErrorResponse(known);
      const fields = { ...describe(event, status), errorCode: known.code, reason: known.details.reason };
      if (status < 500) logger.log('REQUEST_COMPLETED', fields);
      else logger.log('REQUEST_FAILED', { ...fields, ...(known === error ? {} : describeError(error)) });
    },
  };
};

/** Ends what an operation left under way. Outermost, so that it runs beside the audit and no answer leaves before it has ended. */
const finishWork = (underWay: WeakMap<ApiRequest, Promise<void>>): ApiMiddleware => ({
  after: ({ event }) => underWay.get(event),
});

/** Wires the api around its dependencies. */
export const createApiHandler = (dependencies: ApiDependencies): ApiHandler => {
  const routes = createRoutes(dependencies);
  const answer = answerRequest(dependencies.verifier, routes);
  const underWay = new WeakMap<ApiRequest, Promise<void>>();
  const handler = middy<ApiRequest, ApiResponse>({
    timeoutEarlyInMillis: answerBeforeTimeoutMillis,
    timeoutEarlyResponse: () => {
      throw new ServiceError('GENERAL_TIMEOUT');
    },
  })
    .use(finishWork(underWay) as MiddlewareObj<ApiRequest, ApiResponse>)
    .use(auditRequests(dependencies, routes) as MiddlewareObj<ApiRequest, ApiResponse>)
    .use(speakHttp(dependencies) as MiddlewareObj<ApiRequest, ApiResponse>)
    .use(logRequests(dependencies) as MiddlewareObj<ApiRequest, ApiResponse>)
    .handler(async (request, _context, { signal }) => {
      const response = await answer(request, signal);
      if (response.meanwhile !== undefined) underWay.set(request, response.meanwhile);
      return response;
    });
  return handler as unknown as ApiHandler;
};
