/**
 * Whether the same work may succeed when it is tried again, a property of the code and of nothing else:
 * `never` needs another input, another caller or an operator; `later` is worth a further attempt as it stands.
 */
export type Retry = 'never' | 'later';

/**
 * The closed set of the service's errors. A code names the cause; `fhir/error-definitions.ts` alone knows what HTTP and
 * FHIR make of it. `DATA_SET_*`, `REPORT_*` and `JOB_*` are causes of a failed report: a client sees them inside
 * `REPORTING_REPORT_GENERATION_FAILED`. `DEPENDENCY_*` tell operators more than clients, who see `GENERAL_DEPENDENCY_UNAVAILABLE` and
 * `GENERAL_INTERNAL_ERROR`.
 */
export const errorRetry = {
  REPORTING_MISSING_INPUT_PARAMETER: 'never',
  REPORTING_MUTUALLY_EXCLUSIVE_INPUT_PARAMETER: 'never',
  REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED: 'never',
  REPORTING_SCHEDULE_NOT_ALLOWED: 'never',
  REPORTING_EXECUTE_NOT_ALLOWED: 'never',
  REPORTING_IDEMPOTENCY_KEY_REUSED: 'never',
  REPORTING_REPORT_GENERATION_FAILED: 'never',
  SECURITY_TOKEN_INVALID: 'never',
  SECURITY_TOKEN_INSUFFICIENT_PERMISSION: 'never',
  GENERAL_VALIDATION_ERROR: 'never',
  GENERAL_RESOURCE_NOT_FOUND: 'never',
  GENERAL_RESOURCE_DELETED: 'never',
  GENERAL_PRECONDITION_FAILED: 'never',
  GENERAL_ROUTE_NOT_FOUND: 'never',
  GENERAL_METHOD_NOT_ALLOWED: 'never',
  GENERAL_NOT_ACCEPTABLE: 'never',
  GENERAL_UNSUPPORTED_MEDIA_TYPE: 'never',
  GENERAL_MISDIRECTED_REQUEST: 'never',
  GENERAL_BODY_TOO_LARGE: 'never',
  GENERAL_THROTTLED: 'later',
  GENERAL_DEPENDENCY_UNAVAILABLE: 'later',
  GENERAL_TIMEOUT: 'later',
  GENERAL_INTERNAL_ERROR: 'later',
  DEPENDENCY_REFUSED: 'later',
  DEPENDENCY_MISUSED: 'never',
  DATA_SET_MISSING: 'never',
  DATA_SET_MALFORMED: 'never',
  DATA_SET_INCOMPLETE: 'never',
  DATA_SET_TOO_LARGE: 'never',
  DATA_SET_UNSUPPORTED: 'never',
  DATA_SET_CHANGED: 'later',
  REPORT_UNKNOWN: 'never',
  REPORT_TOO_LARGE: 'never',
  TENANT_UNUSABLE: 'later',
  TENANT_DISABLED: 'never',
  TENANT_ELSEWHERE: 'never',
  JOB_DEADLINE_PASSED: 'never',
  JOB_ATTEMPTS_EXHAUSTED: 'never',
  JOB_FAULT: 'never',
} as const satisfies Record<string, Retry>;

/** One code of the closed set. */
export type ErrorCode = keyof typeof errorRetry;

/** `error` of the `WWW-Authenticate` challenge (RFC 6750 section 3.1); `none` when no token was sent at all. */
export type Challenge = 'none' | 'invalid_request' | 'invalid_token';

/** FHIR issue types that one code can take, depending on what is wrong with the input. */
export type ValidationIssue = 'invalid' | 'structure' | 'value' | 'required' | 'not-supported' | 'invariant';

/** What goes with a code. Nothing here may hold a token, a claim's value, a patient reference or a storage name. */
export interface ErrorDetails {
  /** Fills the `%s` of the code's text, in order. Clients see it. */
  readonly args?: readonly string[];
  /** What an operator can act on, in one sentence: file and line, a limit, a next step. Clients see it. */
  readonly cause?: string;
  /** For `GENERAL_VALIDATION_ERROR`: the FHIR issue type. Default `invalid`. */
  readonly issue?: ValidationIssue;
  /** For 401 and for a refused `Authorization` header. Default `invalid_token`. */
  readonly challenge?: Challenge;
  /** The token was right once: issue type `expired` and `error_description="expired"`. */
  readonly expired?: boolean;
  /** For 405: the methods that the route knows. */
  readonly allow?: readonly string[];
  /** Seconds after which a further try makes sense; 5 for 429 and 503 where it is not set. */
  readonly retryAfterSeconds?: number;
  /** For logs only: which check or which dependency, as a fixed word. Never shown to clients. */
  readonly reason?: string;
}

/** The only error that the service throws on purpose. Carries no `cause` chain, so that nothing foreign leaks through it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.cause === undefined ? code : `${code}: ${details.cause}`);
    this.code = code;
    this.details = details;
  }

  /** Whether a further attempt can help, as the code says. */
  get retry(): Retry {
    return errorRetry[this.code];
  }
}
