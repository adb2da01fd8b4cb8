import type { Interaction } from '../fhir/capability-statement.ts';
import type { Method, Route } from './route.ts';

/**
 * FHIR's own grammar of addresses (FHIR R4 http.html#summary), as far as the service speaks it. A list of all of a type is not a `search-type`: who
 * states that has to take searches by POST as well.
 */
const grammar: readonly (readonly [path: RegExp, method: Method, code: Interaction['code']])[] = [
  [/^\/([A-Z]\w+)\/\{id\}$/, 'GET', 'read'],
  [/^\/([A-Z]\w+)\/\{id\}$/, 'DELETE', 'delete'],
  [/^\/([A-Z]\w+)\/\{id\}\/_history$/, 'GET', 'history-instance'],
  [/^\/([A-Z]\w+)\/\{id\}\/_history\/\{vid\}$/, 'GET', 'vread'],
];

/** A method of a path, with the operation behind it. */
export interface Endpoint {
  readonly route: Route;
  readonly method: Method;
}

/** Every method of every path, in the table's order. */
export const listEndpoints = (routes: readonly Route[]): readonly Endpoint[] =>
  routes.flatMap((route) => (Object.keys(route.methods) as Method[]).map((method) => ({ route, method })));

/** What a method of a path is to FHIR; nothing for operations, for `/metadata` and for what is not FHIR. */
export const findInteraction = ({ route, method }: Endpoint): Interaction | undefined => {
  for (const [path, itsMethod, code] of grammar) {
    const resource = itsMethod === method ? path.exec(route.template)?.[1] : undefined;
    if (resource !== undefined) return { resource, code };
  }
  return undefined;
};

/** The code of the operation that a path stands for: `execute-patient-usage-stats` for `/$execute-patient-usage-stats`. */
export const findOperationCode = ({ template }: Route): string | undefined => /^\/\$(.+)$/.exec(template)?.[1];
