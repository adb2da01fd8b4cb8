import { fhirContent, type HeaderName, referToHeaders } from './components.ts';

interface ErrorDescription {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
}

/** What each status that is not success means, wherever it comes. */
const errors = {
  400: {
    description: 'The body, a parameter or a doubled Authorization header is wrong; the text names it',
    headers: ['www-authenticate'],
  },
  401: { description: 'No token, or one that is not valid', headers: ['www-authenticate'] },
  403: { description: 'The token lacks a role, or its user type may not order', headers: ['www-authenticate'] },
  404: {
    description: 'Nothing has this id, or not for this caller: the two look alike. Or no such version, or none yet',
    headers: ['retry-after'],
  },
  406: { description: 'None of the wanted formats can be served' },
  410: { description: 'The Binary was deleted, or is past its retention; for its owner only' },
  412: { description: 'The current version is not the one that If-Match names' },
  413: { description: 'The body is larger than 64 kB' },
  415: { description: 'The body is not FHIR JSON in UTF-8' },
  421: { description: 'The tenant of the token is served by another region of the service' },
  422: {
    description: 'The operation is not allowed to this tenant, or the Idempotency-Key was used for another order',
  },
  429: {
    description: 'More requests than are let through, or more orders than the tenant may have unfinished at a time',
    headers: ['retry-after'],
  },
  500: { description: 'A fault of the service' },
  503: { description: 'The service, or something that it needs, is not available', headers: ['retry-after'] },
} as const satisfies Record<number, ErrorDescription>;

/** A status that is not success. */
export type ErrorStatus = keyof typeof errors;

/** Every error as a component: always an OperationOutcome, whatever was asked for. */
export const errorResponses = Object.fromEntries(
  Object.entries<ErrorDescription>(errors).map(([status, { description, headers = [] }]) => [
    status,
    {
      description,
      headers: referToHeaders([...headers, 'vary', 'content-encoding']),
      content: fhirContent('OperationOutcome'),
    },
  ]),
);

/** The responses of these statuses, as references. */
export const referToErrors = (statuses: readonly ErrorStatus[]) =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
