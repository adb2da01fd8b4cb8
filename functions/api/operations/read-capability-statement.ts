import { describeCapabilities } from '../../fhir/capability-statement.ts';
import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { createDocumentAnswer } from '../answer-document.ts';
import { findInteraction, findOperationCode, listEndpoints } from '../interactions.ts';
import type { PublicOperation } from '../operation.ts';
import { describeOperations } from '../operation-definitions.ts';
import { publish } from '../publish.ts';
import type { Route } from '../route.ts';

/** The definitions of the operations that the table has, in its order. */
const definitionsOf = (routes: readonly Route[], baseUrl: string) => {
  const definitions = new Map(describeOperations(publish(baseUrl)).map((definition) => [definition.code, definition]));
  return routes.flatMap((route) => {
    const code = findOperationCode(route);
    if (code === undefined) return [];
    const definition = definitions.get(code);
    if (definition === undefined) throw new TypeError('an operation without a definition');
    return [definition];
  });
};

/** The CapabilityStatement that follows from the table of routes: what is in the table, and nothing else. */
export const stateCapabilities = (routes: readonly Route[], baseUrl: string) =>
  describeCapabilities(
    publish(baseUrl),
    listEndpoints(routes).flatMap((endpoint) => findInteraction(endpoint) ?? []),
    definitionsOf(routes, baseUrl),
  );

/** `GET metadata` (FHIR R4 http.html#capabilities). */
export const createReadCapabilityStatement = (routes: () => readonly Route[], baseUrl: string): PublicOperation => {
  const answer = createDocumentAnswer(() => stateCapabilities(routes(), baseUrl));
  return {
    name: 'metadata',
    requireFormat: ({ wish }) => requireFhirJson(wish),
    run: async ({ request }) => answer(request),
  };
};
