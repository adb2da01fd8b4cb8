import type { ErrorCode } from '../platform/service-error.ts';

/** FHIR issue types that the service uses (http://hl7.org/fhir/ValueSet/issue-type). */
export type IssueType =
  | 'business-rule'
  | 'conflict'
  | 'deleted'
  | 'exception'
  | 'expired'
  | 'forbidden'
  | 'incomplete'
  | 'informational'
  | 'invalid'
  | 'invariant'
  | 'login'
  | 'not-found'
  | 'not-supported'
  | 'required'
  | 'structure'
  | 'throttled'
  | 'timeout'
  | 'too-costly'
  | 'too-long'
  | 'transient'
  | 'value';

/** How an error is told: its HTTP status, its FHIR issue type and its words. */
export interface ErrorDefinition {
  readonly status: number;
  readonly issue: IssueType;
  /** The client's text; each `%s` is filled from the error's `args`. */
  readonly text: string;
  /** The code that clients see, where it is not the error's own. */
  readonly shownAs?: ErrorCode;
}

const generationFailed = (issue: IssueType): ErrorDefinition => ({
  status: 500,
  issue,
  text: 'Report generation has failed',
  shownAs: 'REPORTING_REPORT_GENERATION_FAILED',
});

const unavailable: ErrorDefinition = {
  status: 503,
  issue: 'transient',
  text: 'The service cannot answer at the moment. Try again after the time in Retry-After.',
};

const internalError: ErrorDefinition = {
  status: 500,
  issue: 'exception',
  text: 'The service failed. Give the X-Request-Id of this answer to its operator.',
};

/** THE table of errors: what HTTP and FHIR make of each code. Texts are those of FUT where it has one. */
export const errorDefinitions: Readonly<Record<ErrorCode, ErrorDefinition>> = {
  REPORTING_MISSING_INPUT_PARAMETER: {
    status: 400,
    issue: 'required',
    text: 'Parameter "%s" is mandatory for report "%s".',
  },
  REPORTING_MUTUALLY_EXCLUSIVE_INPUT_PARAMETER: {
    status: 400,
    issue: 'invalid',
    text: 'Parameters "%s" and "%s" are mutually exclusive for report "%s".',
  },
  REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED: {
    status: 422,
    issue: 'business-rule',
    text: 'Synchronous generation of the report is not allowed',
  },
  REPORTING_SCHEDULE_NOT_ALLOWED: {
    status: 422,
    issue: 'business-rule',
    text: 'Scheduled generation of the report is not allowed',
  },
  REPORTING_EXECUTE_NOT_ALLOWED: {
    status: 422,
    issue: 'business-rule',
    text: 'Asynchronous generation of the report is not allowed',
  },
  REPORTING_IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    issue: 'business-rule',
    text: 'The Idempotency-Key was used for another order within the last 24 hours. Order with another key.',
  },
  REPORTING_REPORT_GENERATION_FAILED: generationFailed('exception'),
  SECURITY_TOKEN_INVALID: { status: 401, issue: 'login', text: '%s' },
  SECURITY_TOKEN_INSUFFICIENT_PERMISSION: {
    status: 403,
    issue: 'forbidden',
    text: 'Insufficient permission for %s for %s',
  },
  GENERAL_VALIDATION_ERROR: { status: 400, issue: 'invalid', text: 'Validation error: %s.' },
  GENERAL_RESOURCE_NOT_FOUND: { status: 404, issue: 'not-found', text: 'Resource %s with id %s is not found.' },
  GENERAL_RESOURCE_DELETED: { status: 410, issue: 'deleted', text: 'Resource was deleted at %s' },
  GENERAL_PRECONDITION_FAILED: {
    status: 412,
    issue: 'conflict',
    text: 'The current version is another one than If-Match names. Read the resource again.',
  },
  GENERAL_ROUTE_NOT_FOUND: {
    status: 404,
    issue: 'not-supported',
    text: 'The service has nothing at this path. GET [base]/metadata lists what it has.',
  },
  GENERAL_METHOD_NOT_ALLOWED: {
    status: 405,
    issue: 'not-supported',
    text: 'The method is not allowed here. Allowed: %s',
  },
  GENERAL_NOT_ACCEPTABLE: {
    status: 406,
    issue: 'not-supported',
    text: 'None of the requested formats can be served. Send "Accept: %s".',
  },
  GENERAL_UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    issue: 'not-supported',
    text: 'The body cannot be read: %s. Send "Content-Type: application/fhir+json", in UTF-8 and without a content encoding.',
  },
  // RFC 9110 section 15.5.20: right request, wrong server. No other token and no other form of it would help here.
  GENERAL_MISDIRECTED_REQUEST: {
    status: 421,
    issue: 'business-rule',
    text: 'The tenant of this token is served by another region of the service',
  },
  GENERAL_BODY_TOO_LARGE: {
    status: 413,
    issue: 'too-long',
    text: 'The body is larger than the %s bytes that are accepted',
  },
  GENERAL_THROTTLED: {
    status: 429,
    issue: 'throttled',
    text: 'Too many requests. Try again after the time in Retry-After.',
  },
  GENERAL_DEPENDENCY_UNAVAILABLE: unavailable,
  GENERAL_TIMEOUT: {
    status: 503,
    issue: 'timeout',
    text: 'The request took too long. Whether it was carried out is not known; try again after the time in Retry-After.',
  },
  GENERAL_INTERNAL_ERROR: internalError,
  DEPENDENCY_REFUSED: { ...unavailable, shownAs: 'GENERAL_DEPENDENCY_UNAVAILABLE' },
  DEPENDENCY_MISUSED: { ...internalError, shownAs: 'GENERAL_INTERNAL_ERROR' },
  DATA_SET_MISSING: generationFailed('incomplete'),
  DATA_SET_MALFORMED: generationFailed('invalid'),
  DATA_SET_INCOMPLETE: generationFailed('incomplete'),
  DATA_SET_TOO_LARGE: generationFailed('too-costly'),
  DATA_SET_UNSUPPORTED: generationFailed('not-supported'),
  DATA_SET_CHANGED: generationFailed('transient'),
  REPORT_UNKNOWN: generationFailed('not-supported'),
  REPORT_TOO_LARGE: generationFailed('too-costly'),
  TENANT_UNUSABLE: generationFailed('exception'),
  TENANT_DISABLED: generationFailed('business-rule'),
  TENANT_ELSEWHERE: generationFailed('business-rule'),
  JOB_DEADLINE_PASSED: generationFailed('timeout'),
  JOB_ATTEMPTS_EXHAUSTED: generationFailed('exception'),
  JOB_FAULT: generationFailed('exception'),
};
