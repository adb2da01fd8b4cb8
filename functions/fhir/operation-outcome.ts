import { type Challenge, ServiceError } from '../platform/service-error.ts';
import { type ErrorDefinition, errorDefinitions, type IssueType } from './error-definitions.ts';

/** The code system of the service's own error codes, in `issue.details.coding`. */
export const errorCodeSystem = 'urn:serverless-reporting:error-code';

/** A FHIR R4 OperationOutcome with one issue, as this service writes it. */
export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly [
    {
      readonly severity: 'error' | 'information';
      readonly code: IssueType;
      readonly details: {
        readonly coding: readonly [{ readonly system: string; readonly code: string }];
        readonly text?: string;
      };
      readonly diagnostics: string;
    },
  ];
}

/** What an error looks like on the wire, before the headers that stand on every response. */
export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OperationOutcome;
}

const fill = (text: string, args: readonly string[]): string => {
  let next = 0;
  return text.replace(/%s/g, () => args[next++] ?? '');
};

const issueOf = (error: ServiceError, definition: ErrorDefinition): IssueType => {
  if (error.details.expired === true) return 'expired';
  return error.details.issue ?? definition.issue;
};

/**
 * The OperationOutcome for an error: one issue, severity `error`, the code's text in `diagnostics`, the code in
 * `details.coding` and, where the error has a cause to tell, that in `details.text`. A code that this version does not know can only be
 * that of a failed job, recorded by a later one: a report that has failed.
 */
export const toOperationOutcome = (error: ServiceError): OperationOutcome => {
  const definition = errorDefinitions[error.code] ?? errorDefinitions.REPORTING_REPORT_GENERATION_FAILED;
  const { args = [], cause } = error.details;
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: issueOf(error, definition),
        details: {
          coding: [{ system: errorCodeSystem, code: definition.shownAs ?? error.code }],
          ...(cause === undefined ? {} : { text: cause }),
        },
        diagnostics: fill(definition.text, args),
      },
    ],
  };
};

const challengeHeader = (challenge: Challenge, expired: boolean): string => {
  if (challenge === 'none') return 'Bearer realm="fhir"';
  return `Bearer realm="fhir", error="${challenge}"${expired ? ', error_description="expired"' : ''}`;
};

/** RFC 6750 section 3: every refusal for the token's sake carries a challenge, also the 400 of a doubled header. */
const authenticateHeader = (error: ServiceError, status: number): Record<string, string> => {
  if (status === 403) return { 'www-authenticate': 'Bearer realm="fhir", error="insufficient_scope"' };
  const { challenge, expired = false } = error.details;
  if (status !== 401 && challenge === undefined) return {};
  return { 'www-authenticate': challengeHeader(challenge ?? 'invalid_token', expired) };
};

const defaultRetryAfterSeconds = 5;

/** Status, error-specific headers (`WWW-Authenticate`, `Allow`, `Retry-After`) and body for an error. */
export const toErrorResponse = (error: ServiceError): ErrorResponse => {
  const { status } = errorDefinitions[error.code];
  const { allow, retryAfterSeconds = status === 429 || status === 503 ? defaultRetryAfterSeconds : undefined } =
    error.details;
  return {
    status,
    headers: {
      ...authenticateHeader(error, status),
      ...(allow === undefined ? {} : { allow: allow.join(', ') }),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: toOperationOutcome(error),
  };
};

/** Any error as a {@link ServiceError}: what the service did not throw itself is `GENERAL_INTERNAL_ERROR` and tells nothing. */
export const toServiceError = (error: unknown): ServiceError =>
  error instanceof ServiceError ? error : new ServiceError('GENERAL_INTERNAL_ERROR', { reason: 'unexpected' });
