import { describe, expect, test } from 'vitest';
import { toErrorResponse } from '../../../functions/fhir/operation-outcome.ts';
import { type ErrorDetails, ServiceError } from '../../../functions/platform/service-error.ts';
import {
  type ContractAnswer,
  type ContractBench,
  createContractBench,
  errorOf,
  errorRow,
} from '../../support/contract-bench.ts';
import { dataSetInMemory, fileInMemory } from '../../support/in-memory-data-set.ts';
import { sampleBinaryId } from '../../support/sample-job.ts';

const failing = (code: ConstructorParameters<typeof ServiceError>[0], details: ErrorDetails = {}) => ({
  verifier: { verify: () => Promise.reject(new ServiceError(code, details)) },
});
const unusable = dataSetInMemory('2026-04-01T00:00:00Z', [fileInMemory('a.ndjson', 'x\n')]);
const parametersOf = (...parameter: readonly unknown[]) => JSON.stringify({ resourceType: 'Parameters', parameter });
const off = { execute: false, schedule: false, fetch: false };
const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);

type Row = readonly [name: string, row: ReturnType<typeof errorRow>, provoke: () => Promise<ContractAnswer>];
const withBench =
  (act: (bench: ContractBench) => Promise<ContractAnswer>, ...own: Parameters<typeof createContractBench>) =>
  () =>
    act(createContractBench(...own));

const rows: readonly Row[] = [
  [
    'REPORTING_MISSING_INPUT_PARAMETER',
    errorRow(
      'REPORTING_MISSING_INPUT_PARAMETER',
      400,
      'required',
      'Parameter "anonymization" is mandatory for report "PatientsUsageReport".',
    ),
    withBench((bench) => bench.order('execute', { body: parametersOf() })),
  ],
  [
    'GENERAL_VALIDATION_ERROR, invalid',
    errorRow('GENERAL_VALIDATION_ERROR', 400, 'invalid', 'Validation error: the body is not a Parameters resource.'),
    withBench((bench) => bench.order('execute', { body: '{"resourceType":"Patient"}' })),
  ],
  [
    'GENERAL_VALIDATION_ERROR, structure',
    errorRow('GENERAL_VALIDATION_ERROR', 400, 'structure', 'Validation error: the body is not valid JSON.'),
    withBench((bench) => bench.order('execute', { body: '{' })),
  ],
  [
    'GENERAL_VALIDATION_ERROR, value',
    errorRow(
      'GENERAL_VALIDATION_ERROR',
      400,
      'value',
      'Validation error: parameter "anonymization" is none of NONE, ANONYMIZED.',
    ),
    withBench((bench) => bench.order('execute', { body: parametersOf({ name: 'anonymization', valueString: 'x' }) })),
  ],
  [
    'SECURITY_TOKEN_INVALID',
    errorRow('SECURITY_TOKEN_INVALID', 401, 'login', text(/^.{2,80}$/)),
    withBench(
      (bench) => bench.order(),
      {},
      failing('SECURITY_TOKEN_INVALID', { args: ['The access token is malformed'] }),
    ),
  ],
  [
    'SECURITY_TOKEN_INSUFFICIENT_PERMISSION',
    errorRow(
      'SECURITY_TOKEN_INSUFFICIENT_PERMISSION',
      403,
      'forbidden',
      'Insufficient permission for Binary read for Binary.read',
    ),
    withBench((bench) => bench.call('GET', `Binary/${sampleBinaryId()}`, { as: 'orderer' })),
  ],
  [
    'GENERAL_RESOURCE_NOT_FOUND',
    errorRow(
      'GENERAL_RESOURCE_NOT_FOUND',
      404,
      'not-found',
      `Resource Binary with id ${sampleBinaryId()} is not found.`,
    ),
    withBench((bench) => bench.call('GET', `Binary/${sampleBinaryId()}`)),
  ],
  [
    'deleted',
    errorRow('GENERAL_RESOURCE_DELETED', 410, 'deleted', 'Resource was deleted at 2026-04-16T11:44:11.919+00:00'),
    withBench(async (bench) => {
      const id = await bench.orderId();
      await bench.call('DELETE', `Binary/${id}`);
      return bench.call('GET', `Binary/${id}`);
    }),
  ],
  [
    'not acceptable',
    errorRow('GENERAL_NOT_ACCEPTABLE', 406, 'not-supported', text(/application\/fhir\+json/)),
    withBench((bench) => bench.order('execute', { headers: { accept: 'application/fhir+xml' } })),
  ],
  [
    'wrong content type',
    errorRow('GENERAL_UNSUPPORTED_MEDIA_TYPE', 415, 'not-supported', text(/application\/fhir\+json/)),
    withBench((bench) => bench.order('execute', { headers: { 'content-type': 'text/plain' } })),
  ],
  [
    'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED',
    errorRow(
      'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED',
      422,
      'business-rule',
      'Synchronous generation of the report is not allowed',
    ),
    withBench((bench) => bench.order('fetch'), { operations: off }),
  ],
  [
    'REPORTING_SCHEDULE_NOT_ALLOWED',
    errorRow(
      'REPORTING_SCHEDULE_NOT_ALLOWED',
      422,
      'business-rule',
      'Scheduled generation of the report is not allowed',
    ),
    withBench((bench) => bench.order('schedule'), { operations: off }),
  ],
  [
    'REPORTING_EXECUTE_NOT_ALLOWED',
    errorRow(
      'REPORTING_EXECUTE_NOT_ALLOWED',
      422,
      'business-rule',
      'Asynchronous generation of the report is not allowed',
    ),
    withBench((bench) => bench.order('execute'), { operations: off }),
  ],
  [
    'REPORTING_REPORT_GENERATION_FAILED, fetch',
    errorRow('REPORTING_REPORT_GENERATION_FAILED', 500, 'invalid', 'Report generation has failed'),
    withBench((bench) => bench.order('fetch'), {}, { dataSets: unusable }),
  ],
  [
    'a dependency is down',
    errorRow('GENERAL_DEPENDENCY_UNAVAILABLE', 503, 'transient', text(/Retry-After/)),
    withBench((bench) => bench.order(), {}, failing('GENERAL_DEPENDENCY_UNAVAILABLE')),
  ],
  [
    'unknown route',
    errorRow('GENERAL_ROUTE_NOT_FOUND', 404, 'not-supported', text(/metadata/)),
    withBench((bench) => bench.call('GET', 'Patient/1')),
  ],
  [
    'unknown method',
    errorRow('GENERAL_METHOD_NOT_ALLOWED', 405, 'not-supported', text(/Allowed: GET, HEAD, DELETE$/)),
    withBench((bench) => bench.call('PATCH', `Binary/${sampleBinaryId()}`)),
  ],
  [
    'body over 64 kB',
    errorRow('GENERAL_BODY_TOO_LARGE', 413, 'too-long', text(/65536 bytes/)),
    withBench((bench) => bench.order('execute', { body: 'x'.repeat(65_537) })),
  ],
  [
    'a fault inside',
    errorRow('GENERAL_INTERNAL_ERROR', 500, 'exception', text(/X-Request-Id/)),
    withBench((bench) => bench.order(), {}, { verifier: { verify: () => Promise.reject(new TypeError('planted')) } }),
  ],
];

describe('contract, errors:', () => {
  test.each(rows)('contract, errors: %s', async (_name, row, provoke) => {
    const answer = await provoke();
    expect(errorOf(answer)).toEqual(row);
    expect(answer.headers['content-type']).toBe('application/fhir+json; charset=UTF-8');
    expect(answer.text).not.toContain('planted');
  });

  // No report has exclusive parameters, an order that is throttled stands in quotas.test.ts, and the others are causes of failed reports.
  test.each([
    [
      'REPORTING_MUTUALLY_EXCLUSIVE_INPUT_PARAMETER',
      { args: ['from', 'period', 'SomeReport'] },
      [400, 'invalid', 'Parameters "from" and "period" are mutually exclusive for report "SomeReport".'],
    ],
    ['GENERAL_THROTTLED', { retryAfterSeconds: 7 }, [429, 'throttled', expect.any(String)]],
    ['DATA_SET_CHANGED', {}, [500, 'transient', 'Report generation has failed']],
    ['REPORTING_REPORT_GENERATION_FAILED', {}, [500, 'exception', 'Report generation has failed']],
  ] as const)('contract, errors: %s, by the table', (code, details, row) => {
    const { status, body } = toErrorResponse(new ServiceError(code, details));
    expect([status, body.issue[0].code, body.issue[0].diagnostics]).toEqual(row);
  });
});

describe('contract, errors: headers and form', () => {
  const challenge = async (wired: Parameters<typeof createContractBench>[1]) =>
    (await createContractBench({}, wired).order()).headers['www-authenticate'];
  test('contract, errors: 401 has WWW-Authenticate with invalid_token, without error when no token was sent', async () => {
    expect(await challenge(failing('SECURITY_TOKEN_INVALID', { args: ['no'] }))).toBe(
      'Bearer realm="fhir", error="invalid_token"',
    );
    expect(await challenge(failing('SECURITY_TOKEN_INVALID', { args: ['no'], challenge: 'none' }))).toBe(
      'Bearer realm="fhir"',
    );
  });
  test('contract, errors: 405 has Allow', async () =>
    expect((await createContractBench().call('GET', '$execute-patient-usage-stats')).headers['allow']).toBe('POST'));
  test.each(['GENERAL_THROTTLED', 'GENERAL_DEPENDENCY_UNAVAILABLE'] as const)(
    'contract, errors: %s has Retry-After',
    async (code) =>
      expect((await createContractBench({}, failing(code)).order()).headers['retry-after']).toMatch(/^\d+$/),
  );
  test('contract, errors: an id that does not have our form is not repeated', async () =>
    expect((await createContractBench().call('GET', 'Binary/planted-id')).text).not.toContain('planted-id'));
  test.each(['*/*', 'application/json', 'application/gzip-json', 'text/html', 'application/fhir+xml'])(
    'contract, errors: an OperationOutcome in FHIR JSON whatever was asked for (%s)',
    async (accept) => {
      const answer = await createContractBench().call('GET', 'nothing', { headers: { accept } });
      expect(answer.headers['content-type']).toBe('application/fhir+json; charset=UTF-8');
      expect(errorOf(answer)).toMatchObject({ status: 404, resourceType: 'OperationOutcome' });
    },
  );
  test("contract, errors: details.coding has the service's own code system", async () =>
    expect((await createContractBench().call('GET', 'nothing')).json()).toMatchObject({
      issue: [{ details: { coding: [{ system: 'urn:serverless-reporting:error-code' }] } }],
    }));
});
