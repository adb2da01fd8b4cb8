import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { KmsDisabled, QueueDoesNotExist } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { explainDependencyError, isRefusal, toDependencyError } from '../../functions/platform/dependency-error.ts';

const codeOf = (name: string, status?: number) => explainDependencyError('queue', name, status).code;

describe('A37: errors of AWS are told apart by their names', () => {
  test.each([
    'ProvisionedThroughputExceededException',
    'ThrottlingException',
    'Throttling',
    'RequestThrottled',
    'RequestLimitExceeded',
    'LimitExceededException',
    'TooManyRequestsException',
    'KmsThrottled',
    'KMS.ThrottlingException',
    'SlowDown',
    'OverLimit',
    'InternalServerError',
    'ServiceUnavailable',
    'RequestTimeout',
    'BadDigest',
    'SomethingNew',
    'connection',
  ])('%s may pass', (name) => {
    expect(codeOf(name)).toBe('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
  test.each(['KMS.KMSInternalException', 'KMS.KeyUnavailableException', 'KMSInternalException'])(
    '%s may pass where it comes with 500: it says nothing of the key',
    (name) => {
      expect(codeOf(name, 500)).toBe('GENERAL_DEPENDENCY_UNAVAILABLE');
      expect(codeOf(name, 400)).toBe('DEPENDENCY_REFUSED');
    },
  );
  test('a service that throttles with 403 is not taken for one that refuses', () => {
    expect(codeOf('RequestThrottled', 403)).toBe('GENERAL_DEPENDENCY_UNAVAILABLE');
  });
  test.each([
    'AccessDenied',
    'AccessDeniedException',
    'KmsDisabled',
    'KmsAccessDenied',
    'KMS.DisabledException',
    'KMS.KMSInvalidStateException',
    'KMSInvalidStateException',
    'ResourceNotFoundException',
    'NoSuchBucket',
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
    'com.amazonaws.sqs#QueueDoesNotExist',
    'InvalidAccessKeyId',
    'ExpiredToken',
    'ExpiredTokenException',
    'UnrecognizedClientException',
    'CredentialsProviderError',
  ])('%s is for an operator', (name) => {
    expect(codeOf(name)).toBe('DEPENDENCY_REFUSED');
  });
  test.each([401, 403])('a name that nobody knows is for an operator where its status is %i', (status) => {
    expect(codeOf('Forbidden', status)).toBe('DEPENDENCY_REFUSED');
  });
  test.each(['ValidationException', 'SerializationException', 'InvalidMessageContents', 'EntityTooLarge'])(
    '%s is a fault of our own',
    (name) => {
      expect(codeOf(name)).toBe('DEPENDENCY_MISUSED');
    },
  );
});

describe('toDependencyError', () => {
  const options = { $metadata: {}, message: 'planted-secret' };
  test.each([
    [
      new DynamoDBServiceException({ ...options, name: 'ValidationException', $fault: 'client' }),
      'DEPENDENCY_MISUSED',
      'ValidationException',
    ],
    [new QueueDoesNotExist(options), 'DEPENDENCY_REFUSED', 'QueueDoesNotExist'],
    [new KmsDisabled(options), 'DEPENDENCY_REFUSED', 'KmsDisabled'],
    [
      new S3ServiceException({ ...options, name: 'Forbidden', $fault: 'client', $metadata: { httpStatusCode: 403 } }),
      'DEPENDENCY_REFUSED',
      'Forbidden',
    ],
    [
      new DynamoDBServiceException({ ...options, name: 'ThrottlingException', $fault: 'client' }),
      'GENERAL_DEPENDENCY_UNAVAILABLE',
      'ThrottlingException',
    ],
    [
      Object.assign(new Error('x'), { name: 'CredentialsProviderError' }),
      'DEPENDENCY_REFUSED',
      'CredentialsProviderError',
    ],
    [new Error('connect ECONNREFUSED 192.0.2.7'), 'GENERAL_DEPENDENCY_UNAVAILABLE', 'connection'],
    [new TypeError('planted-secret'), 'GENERAL_DEPENDENCY_UNAVAILABLE', 'connection'],
    ['planted-secret', 'GENERAL_DEPENDENCY_UNAVAILABLE', 'connection'],
    [undefined, 'GENERAL_DEPENDENCY_UNAVAILABLE', 'connection'],
  ])('%o is %s', (error, code, name) => {
    const explained = toDependencyError('queue', error);
    expect(explained).toMatchObject({ code, details: { reason: `queue ${name}` } });
    expect(isRefusal(explained)).toBe(code === 'DEPENDENCY_REFUSED');
    expect(JSON.stringify(explained)).not.toContain('planted-secret');
  });
});
