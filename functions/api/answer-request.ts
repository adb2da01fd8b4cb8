import { requireRole, requireUserType } from '../auth/authorize.ts';
import type { TokenVerifier } from '../auth/verify-token.ts';
import { requireFhirJsonBody } from '../fhir/content-negotiation.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { ApiRequest } from './api-request.ts';
import type { ApiResponse } from './api-response.ts';
import type { Operation, Route } from './operation.ts';

const longestPath = 512;

const findRoute = (routes: readonly Route[], path: string): { route: Route; captured: readonly string[] } => {
  if (path.length <= longestPath) {
    for (const route of routes) {
      const match = route.pattern.exec(path);
      if (match !== null) return { route, captured: match.slice(1) };
    }
  }
  throw new ServiceError('GENERAL_ROUTE_NOT_FOUND');
};

const findOperation = (route: Route, method: string): Operation => {
  // HEAD works where GET does (RFC 9110 section 9.3.2); the response leaves the body out.
  const name = method === 'HEAD' ? 'GET' : method;
  const operation = Object.hasOwn(route.methods, name) ? route.methods[name] : undefined;
  if (operation !== undefined) return operation;
  const allow = Object.keys(route.methods).flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]));
  throw new ServiceError('GENERAL_METHOD_NOT_ALLOWED', { allow, args: [allow.join(', ')] });
};

const checkBodyType = (request: ApiRequest, body: Uint8Array): void => {
  // No body at all is a matter of its content, not of its type: the operation says what is missing.
  if (body.length === 0) return;
  requireFhirJsonBody(request.header('content-type'), request.header('content-encoding'));
};

/**
 * Answers one request. The order of checks: size, authentication, route, method, role, Accept, Content-Type, body, business, object.
 * What is denied for its token, its role or its form has touched no store.
 *
 * @throws ServiceError for everything that is not answered with success
 */
export const answerRequest =
  (verifier: TokenVerifier, routes: readonly Route[]) =>
  async (request: ApiRequest): Promise<ApiResponse> => {
    const body = request.readBody();
    const caller = await verifier.verify(request.header('authorization'));
    request.trace.tenant = caller.tenant.id;
    const { route, captured } = findRoute(routes, request.path);
    request.trace.route = route.name;
    const operation = findOperation(route, request.method);
    requireRole(caller, operation.role, operation.name);
    if (operation.ordersReports) requireUserType(caller, operation.name);
    operation.requireFormat(request);
    if (operation.readsBody) checkBodyType(request, body);
    return operation.run({ request, caller, captured });
  };
