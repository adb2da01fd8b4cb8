import { requireJson } from '../../fhir/content-negotiation.ts';
import { createDocumentAnswer } from '../answer-document.ts';
import { describeApi } from '../openapi/describe-api.ts';
import type { PublicOperation } from '../operation.ts';
import type { Route } from '../route.ts';

/** `GET openapi.json`: the whole service for tools that do not know FHIR. */
export const createReadOpenApi = (routes: () => readonly Route[], baseUrl: string): PublicOperation => {
  const answer = createDocumentAnswer(() => describeApi(routes(), baseUrl), 'application/json');
  return {
    name: 'openapi.json',
    requireFormat: ({ wish }) => requireJson(wish),
    run: async ({ request }) => answer(request),
  };
};
