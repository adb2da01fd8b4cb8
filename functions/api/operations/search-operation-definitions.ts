import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { createDocumentAnswer } from '../answer-document.ts';
import type { PublicOperation } from '../operation.ts';
import { describeOperations } from '../operation-definitions.ts';
import { publish } from '../publish.ts';

/** A searchset with all definitions on one page; there are no search parameters, and the self link says so (FHIR R4 search.html#errors). */
const listDefinitions = (baseUrl: string) => {
  const definitions = describeOperations(publish(baseUrl));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: definitions.length,
    link: [{ relation: 'self', url: `${baseUrl}/OperationDefinition` }],
    entry: definitions.map((resource) => ({ fullUrl: resource.url, resource, search: { mode: 'match' } })),
  };
};

/** `GET OperationDefinition`. */
export const createSearchOperationDefinitions = (baseUrl: string): PublicOperation => {
  const answer = createDocumentAnswer(() => listDefinitions(baseUrl));
  return {
    name: 'OperationDefinition search',
    requireFormat: ({ wish }) => requireFhirJson(wish),
    run: async ({ request }) => answer(request),
  };
};
