import type { OperationOutcome } from './operation-outcome.ts';

/** HAPI's codes for what became of a stored resource; FUT's clients know them. */
const storageResponseCodes = 'https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code';

/** The OperationOutcome that answers a successful DELETE, as HAPI writes it. */
export const deletedOutcome: OperationOutcome = {
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'information',
      code: 'informational',
      details: { coding: [{ system: storageResponseCodes, code: 'SUCCESSFUL_DELETE' }] },
      diagnostics: 'Successfully deleted 1 resource(s).',
    },
  ],
};
