import { requireHomeRegion, requireRole, requireUserType } from '../auth/authorize.ts';
import type { TokenVerifier } from '../auth/verify-token.ts';
import { requireFhirJsonBody } from '../fhir/content-negotiation.ts';
import { ServiceError } from '../platform/service-error.ts';
import type { ApiRequest } from './api-request.ts';
import type { ApiResponse } from './api-response.ts';
import type { GuardedRoute, Method, PublicRoute, Route } from './route.ts';

const longestPath = 512;

/** A path's route and what its pattern captured, as sent. */
export interface Found<Kind extends Route = Route> {
  readonly route: Kind;
  readonly captured: readonly string[];
}

/** The route that a decoded path below the base belongs to; none for a path that is longer than any. */
export const findRoute = <Kind extends Route>(routes: readonly Kind[], path: string): Found<Kind> | undefined => {
  if (path.length > longestPath) return undefined;
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (match !== null) return { route, captured: match.slice(1) };
  }
  return undefined;
};

const findOperation = <Kind>(methods: Readonly<Partial<Record<Method, Kind>>>, method: string): Kind => {
  // HEAD works where GET does (RFC 9110 section 9.3.2); the response leaves the body out.
  const name = method === 'HEAD' ? 'GET' : method;
  const operation = Object.hasOwn(methods, name) ? methods[name as Method] : undefined;
  if (operation !== undefined) return operation;
  const allow = Object.keys(methods).flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]));
  throw new ServiceError('GENERAL_METHOD_NOT_ALLOWED', { allow, args: [allow.join(', ')] });
};

const checkBodyType = (request: ApiRequest, body: Uint8Array): void => {
  // No body at all is a matter of its content, not of its type: the operation says what is missing.
  if (body.length === 0) return;
  requireFhirJsonBody(request.header('content-type'), request.header('content-encoding'));
};

const isPublic = (route: Route): route is PublicRoute => route.access === 'public';
const isGuarded = (route: Route): route is GuardedRoute => route.access === 'token';

/** Neither token nor role: method, Accept, business. */
const answerPublic = ({ route, captured }: Found<PublicRoute>, request: ApiRequest): Promise<ApiResponse> => {
  request.trace.route = route.name;
  const operation = findOperation(route.methods, request.method);
  operation.requireFormat(request);
  return operation.run({ request, captured });
};

/**
 * Answers one request. The order of checks: size, authentication, region, route, method, role, Accept, Content-Type, body, business, object.
 * Public paths have no authentication and no role; to everyone without a token all others look alike, also those that do not exist.
 * What is denied for its token, its role or its form has touched no store.
 *
 * @throws ServiceError for everything that is not answered with success
 */
export const answerRequest = (verifier: TokenVerifier, routes: readonly Route[]) => {
  const publicRoutes = routes.filter(isPublic);
  const guardedRoutes = routes.filter(isGuarded);
  return async (request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> => {
    const body = request.readBody();
    const open = findRoute(publicRoutes, request.path);
    if (open !== undefined) return answerPublic(open, request);
    const caller = await verifier.verify(request.header('authorization'));
    request.trace.tenant = caller.tenant.id;
    request.trace.caller = caller;
    requireHomeRegion(caller);
    const found = findRoute(guardedRoutes, request.path);
    if (found === undefined) throw new ServiceError('GENERAL_ROUTE_NOT_FOUND');
    const { route, captured } = found;
    request.trace.route = route.name;
    const operation = findOperation(route.methods, request.method);
    requireRole(caller, operation.role, operation.name);
    if (operation.ordersReports) requireUserType(caller, operation.name);
    operation.requireFormat(request);
    if (operation.readsBody) checkBodyType(request, body);
    return operation.run({ request, caller, captured, signal });
  };
};
