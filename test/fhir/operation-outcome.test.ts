import { describe, expect, test } from 'vitest';
import {
  errorCodeSystem,
  toErrorResponse,
  toOperationOutcome,
  toServiceError,
} from '../../functions/fhir/operation-outcome.ts';
import { type ErrorCode, type ErrorDetails, errorRetry, ServiceError } from '../../functions/platform/service-error.ts';

const answer = (code: ErrorCode, details?: ErrorDetails) => toErrorResponse(new ServiceError(code, details));

describe('toOperationOutcome', () => {
  test('has one issue with the text in diagnostics and the code in our own code system', () => {
    const error = new ServiceError('REPORTING_MISSING_INPUT_PARAMETER', {
      args: ['anonymization', 'PatientsUsageReport'],
    });
    expect(toOperationOutcome(error)).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: 'required',
          details: { coding: [{ system: errorCodeSystem, code: 'REPORTING_MISSING_INPUT_PARAMETER' }] },
          diagnostics: 'Parameter "anonymization" is mandatory for report "PatientsUsageReport".',
        },
      ],
    });
  });
  test('every cause of a failed report is shown as REPORTING_REPORT_GENERATION_FAILED with the cause as details.text', () => {
    const causes = Object.keys(errorRetry).filter((code) => /^(DATA_SET|JOB|REPORT|TENANT)_/.test(code)) as ErrorCode[];
    expect(causes.length).toBeGreaterThan(8);
    for (const code of causes) {
      const [issue] = toOperationOutcome(new ServiceError(code, { cause: 'a.ndjson line 3: not JSON' })).issue;
      expect(issue.details).toEqual({
        coding: [{ system: errorCodeSystem, code: 'REPORTING_REPORT_GENERATION_FAILED' }],
        text: 'a.ndjson line 3: not JSON',
      });
      expect(issue.diagnostics).toBe('Report generation has failed');
    }
  });
  test('A55: so is the cause of a failure whose code only a later version knows', () => {
    const ofLater = 'REASON_OF_A_LATER_VERSION' as ErrorCode;
    const known = new ServiceError('REPORTING_REPORT_GENERATION_FAILED', { cause: 'so it is' });
    expect(toOperationOutcome(new ServiceError(ofLater, { cause: 'so it is' }))).toEqual(toOperationOutcome(known));
  });
  test('an argument that holds %s is not filled again', () => {
    const error = new ServiceError('GENERAL_RESOURCE_NOT_FOUND', { args: ['%s', 'x'] });
    expect(toOperationOutcome(error).issue[0].diagnostics).toBe('Resource %s with id x is not found.');
  });
});

describe('toErrorResponse', () => {
  test.each([
    ['DEPENDENCY_REFUSED', 'GENERAL_DEPENDENCY_UNAVAILABLE'],
    ['DEPENDENCY_MISUSED', 'GENERAL_INTERNAL_ERROR'],
  ] as const)('to a client %s looks exactly as %s does', (code, shown) => {
    expect(answer(code, { reason: 'queue x' })).toEqual(answer(shown));
  });
  test.each([
    ['REPORTING_MISSING_INPUT_PARAMETER', 400, 'required'],
    ['REPORTING_MUTUALLY_EXCLUSIVE_INPUT_PARAMETER', 400, 'invalid'],
    ['GENERAL_VALIDATION_ERROR', 400, 'invalid'],
    ['SECURITY_TOKEN_INVALID', 401, 'login'],
    ['SECURITY_TOKEN_INSUFFICIENT_PERMISSION', 403, 'forbidden'],
    ['GENERAL_RESOURCE_NOT_FOUND', 404, 'not-found'],
    ['GENERAL_ROUTE_NOT_FOUND', 404, 'not-supported'],
    ['GENERAL_METHOD_NOT_ALLOWED', 405, 'not-supported'],
    ['GENERAL_NOT_ACCEPTABLE', 406, 'not-supported'],
    ['GENERAL_RESOURCE_DELETED', 410, 'deleted'],
    ['GENERAL_BODY_TOO_LARGE', 413, 'too-long'],
    ['GENERAL_UNSUPPORTED_MEDIA_TYPE', 415, 'not-supported'],
    ['GENERAL_MISDIRECTED_REQUEST', 421, 'business-rule'],
    ['REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED', 422, 'business-rule'],
    ['REPORTING_SCHEDULE_NOT_ALLOWED', 422, 'business-rule'],
    ['REPORTING_EXECUTE_NOT_ALLOWED', 422, 'business-rule'],
    ['GENERAL_THROTTLED', 429, 'throttled'],
    ['REPORTING_REPORT_GENERATION_FAILED', 500, 'exception'],
    ['GENERAL_INTERNAL_ERROR', 500, 'exception'],
    ['GENERAL_DEPENDENCY_UNAVAILABLE', 503, 'transient'],
    ['GENERAL_TIMEOUT', 503, 'timeout'],
  ] as const)('%s is %i %s', (code, status, issue) => {
    const response = answer(code, { args: ['a', 'b', 'c'] });
    expect(response.status).toBe(status);
    expect(response.body.issue[0].code).toBe(issue);
  });
  test('a refused token is challenged with the reason, a missing one without', () => {
    expect(answer('SECURITY_TOKEN_INVALID').headers).toEqual({
      'www-authenticate': 'Bearer realm="fhir", error="invalid_token"',
    });
    expect(answer('SECURITY_TOKEN_INVALID', { challenge: 'none' }).headers).toEqual({
      'www-authenticate': 'Bearer realm="fhir"',
    });
  });
  test('an expired token says so in the challenge and in the issue type', () => {
    const { headers, body } = answer('SECURITY_TOKEN_INVALID', { expired: true });
    expect(headers['www-authenticate']).toContain('error_description="expired"');
    expect(body.issue[0].code).toBe('expired');
  });
  test('a missing role is challenged as insufficient_scope', () => {
    expect(answer('SECURITY_TOKEN_INSUFFICIENT_PERMISSION').headers['www-authenticate']).toContain(
      'insufficient_scope',
    );
  });
  test('an ambiguous Authorization header is 400 with a challenge', () => {
    const { status, headers } = answer('GENERAL_VALIDATION_ERROR', { challenge: 'invalid_request' });
    expect([status, headers['www-authenticate']]).toEqual([400, 'Bearer realm="fhir", error="invalid_request"']);
  });
  test('405 says what is allowed, 429 and 503 when to try again', () => {
    expect(answer('GENERAL_METHOD_NOT_ALLOWED', { allow: ['GET', 'HEAD'] }).headers).toEqual({ allow: 'GET, HEAD' });
    expect(answer('GENERAL_THROTTLED', { retryAfterSeconds: 17 }).headers).toEqual({ 'retry-after': '17' });
    expect(answer('GENERAL_DEPENDENCY_UNAVAILABLE').headers).toEqual({ 'retry-after': '5' });
    expect(answer('GENERAL_RESOURCE_NOT_FOUND').headers).toEqual({});
    expect(answer('GENERAL_RESOURCE_NOT_FOUND', { retryAfterSeconds: 3 }).headers).toEqual({ 'retry-after': '3' });
  });
});

describe('toServiceError', () => {
  test('what the service did not throw itself tells nothing of it', () => {
    const error = toServiceError(new Error('planted-secret'));
    expect(error.code).toBe('GENERAL_INTERNAL_ERROR');
    expect(JSON.stringify(toErrorResponse(error))).not.toContain('planted-secret');
    expect(error.cause).toBeUndefined();
  });
});
