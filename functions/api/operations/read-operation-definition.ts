import { requireFhirJson } from '../../fhir/content-negotiation.ts';
import { ServiceError } from '../../platform/service-error.ts';
import { createDocumentAnswer } from '../answer-document.ts';
import type { PublicOperation } from '../operation.ts';
import { describeOperations } from '../operation-definitions.ts';
import { publish } from '../publish.ts';

/** The form of the ids; an id of another form is not repeated in an error. */
const definitionIdPattern = /^-s-[a-z][a-z-]{0,58}$/;

/** `GET OperationDefinition/{id}`. */
export const createReadOperationDefinition = (baseUrl: string): PublicOperation => {
  const answers = new Map(
    describeOperations(publish(baseUrl)).map((definition) => [definition.id, createDocumentAnswer(() => definition)]),
  );
  return {
    name: 'OperationDefinition read',
    requireFormat: ({ wish }) => requireFhirJson(wish),
    async run({ request, captured: [id = ''] }) {
      const answer = answers.get(id);
      if (answer !== undefined) return answer(request);
      const args = ['OperationDefinition', definitionIdPattern.test(id) ? id : '(malformed)'];
      throw new ServiceError('GENERAL_RESOURCE_NOT_FOUND', {
        args,
        cause: 'GET [base]/OperationDefinition lists all that there are.',
      });
    },
  };
};
