import { type ErrorCode, ServiceError } from './service-error.ts';

/** Errors of AWS that pass: they are never taken for anything else, whatever status they come with. */
const passing = /throttl|slowdown|overlimit|^requestlimit|^limitexceeded|^toomanyrequests/i;

/**
 * What only an operator can mend: who may do what, keys, what is not there, and credentials. Names as the services give them ("Common
 * Errors" and the errors of each action in the API references of DynamoDB, SQS, S3 and CloudWatch Logs).
 */
const refusals: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthFailure',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidAddress',
  'InvalidClientTokenId',
  'InvalidObjectState',
  'InvalidSecurity',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NoSuchBucket',
  'NonExistentQueue',
  'NotAuthorized',
  'NotSignedUp',
  'OptInRequired',
  'PermanentRedirect',
  'QueueDeletedRecently',
  'QueueDoesNotExist',
  'RequestExpired',
  'ResourceNotFoundException',
  'SignatureDoesNotMatch',
  'TableNotFoundException',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
]);

/** What a request of ours will never get any further with: it is malformed, or larger than the service takes. */
const misuses: ReadonlySet<string> = new Set([
  'BatchRequestTooLong',
  'EntityTooLarge',
  'InvalidArgument',
  'InvalidAttributeName',
  'InvalidAttributeValue',
  'InvalidMessageContents',
  'InvalidParameterCombination',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'InvalidRequest',
  'ItemCollectionSizeLimitExceededException',
  'KeyTooLongError',
  'MalformedXML',
  'MaxMessageLengthExceeded',
  'MetadataTooLarge',
  'MissingParameter',
  'SerializationException',
  'UnknownOperationException',
  'UnsupportedOperation',
  'ValidationError',
  'ValidationException',
]);

/** A fault of a key of AWS KMS: `KmsDisabled` (SQS), `KMS.DisabledException` (S3). One of KMS itself comes with a status of 500 or more. */
const keyFault = /^kms/i;

/** The error's own name, without the namespace that some services and emulators put before it (`AWS.SimpleQueueService.NonExistentQueue`). */
const shortName = (name: string): string =>
  keyFault.test(name) ? name : name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('#')) + 1);

const codeOf = (name: string, status: unknown): ErrorCode => {
  if (passing.test(name) || Number(status) >= 500) return 'GENERAL_DEPENDENCY_UNAVAILABLE';
  if (refusals.has(name) || keyFault.test(name)) return 'DEPENDENCY_REFUSED';
  if (misuses.has(name)) return 'DEPENDENCY_MISUSED';
  return status === 401 || status === 403 ? 'DEPENDENCY_REFUSED' : 'GENERAL_DEPENDENCY_UNAVAILABLE';
};

/**
 * What an error that AWS names means:
 *
 * - `DEPENDENCY_REFUSED`: only an operator can mend it (permissions, keys, credentials, something that is not there);
 * - `DEPENDENCY_MISUSED`: our own fault, which no repetition helps (malformed, too large);
 * - `GENERAL_DEPENDENCY_UNAVAILABLE`: everything else. It may pass: throttling, an outage, the network.
 *
 * Whether a write was applied is unknown after each of them: the SDK may have sent it before.
 *
 * @param dependency a fixed word for the log; the `reason` is this word and the name
 * @param status of HTTP, where there is one: 500 and more may pass whatever its name; 401 and 403 are refusals also under names that are
 *   not known here
 */
export const explainDependencyError = (dependency: string, name: string, status?: unknown): ServiceError =>
  new ServiceError(codeOf(shortName(name), status), { reason: `${dependency} ${name}` });

const statusOf = (error: Error): unknown => Reflect.get(Object(Reflect.get(error, '$metadata')), 'httpStatusCode');

/**
 * What an error of an AWS SDK client means: {@link explainDependencyError} for the answer of a service (the SDK's `ServiceException`,
 * which has a `$fault`) and for missing credentials; `GENERAL_DEPENDENCY_UNAVAILABLE` with the name `connection` for everything else.
 */
export const toDependencyError = (dependency: string, error: unknown): ServiceError =>
  error instanceof Error && ('$fault' in error || refusals.has(error.name))
    ? explainDependencyError(dependency, error.name, statusOf(error))
    : explainDependencyError(dependency, 'connection');

/** Whether only an operator can mend what an error says. */
export const isRefusal = (error: unknown): error is ServiceError =>
  error instanceof ServiceError && error.code === 'DEPENDENCY_REFUSED';
