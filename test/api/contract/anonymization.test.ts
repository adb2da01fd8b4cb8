import { describe, expect, test } from 'vitest';
import { createContractBench, errorOf, errorRow } from '../../support/contract-bench.ts';

const bodyOf = (...parameter: readonly unknown[]) => JSON.stringify({ resourceType: 'Parameters', parameter });
const value = (valueString: string) => ({ name: 'anonymization', valueString });

describe('contract, anonymization:', () => {
  const bench = createContractBench();
  test.each(['None', 'NONE', 'none', 'nOnE'])(
    'contract, anonymization: %s needs report-non-anonymized, else 403',
    async (given) => {
      const body = bodyOf(value(given));
      expect(errorOf(await bench.order('execute', { as: 'orderer', body }))).toEqual(
        errorRow(
          'SECURITY_TOKEN_INSUFFICIENT_PERMISSION',
          403,
          'forbidden',
          'Insufficient permission for $execute-patient-usage-stats for report-non-anonymized',
        ),
      );
      expect((await bench.order('execute', { body })).status).toBe(200);
    },
  );
  test.each(['ANONYMIZED', 'anonymized', 'Anonymized'])(
    'contract, anonymization: %s needs no further role',
    async (given) =>
      expect((await bench.order('execute', { as: 'orderer', body: bodyOf(value(given)) })).status).toBe(200),
  );
  test('contract, anonymization: missing is 400 with the text of the contract', async () =>
    expect(errorOf(await bench.order('execute', { body: bodyOf() }))).toEqual(
      errorRow(
        'REPORTING_MISSING_INPUT_PARAMETER',
        400,
        'required',
        'Parameter "anonymization" is mandatory for report "PatientsUsageReport".',
      ),
    ));
  test.each([
    ['any other value', [value('SOME')], 'value', 'anonymization'],
    ['a wrong value[x] type', [{ name: 'anonymization', valueCode: 'None' }], 'value', 'anonymization'],
    ['a repeated parameter', [value('None'), value('None')], 'structure', 'anonymization'],
    ['an unknown parameter', [value('None'), { name: 'period', valueString: 'x' }], 'not-supported', 'period'],
  ])('contract, anonymization: %s is 400 that names it', async (_what, parameters, issue, named) =>
    expect(errorOf(await bench.order('execute', { body: bodyOf(...parameters) }))).toEqual(
      errorRow('GENERAL_VALIDATION_ERROR', 400, issue, expect.stringContaining(`"${named}"`)),
    ),
  );
});

describe('contract, switched off:', () => {
  test.each([
    ['fetch', 'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED', 'Synchronous generation of the report is not allowed'],
    ['schedule', 'REPORTING_SCHEDULE_NOT_ALLOWED', 'Scheduled generation of the report is not allowed'],
    ['execute', 'REPORTING_EXECUTE_NOT_ALLOWED', 'Asynchronous generation of the report is not allowed'],
  ] as const)(
    'contract, switched off: $%s for a tenant is 422 %s, and the others still work',
    async (mode, code, text) => {
      const bench = createContractBench({ operations: { execute: true, schedule: true, fetch: true, [mode]: false } });
      expect(errorOf(await bench.order(mode))).toEqual(errorRow(code, 422, 'business-rule', text));
      for (const other of (['execute', 'schedule', 'fetch'] as const).filter((name) => name !== mode)) {
        expect((await bench.order(other)).status).toBe(200);
      }
    },
  );
  test('contract, switched off: $fetch answers the same where the data set is too large', async () =>
    expect(errorOf(await createContractBench({ synchronousEpisodes: 0 }).order('fetch'))).toEqual(
      errorRow(
        'REPORTING_SYNCHRONOUS_GENERATION_NOT_ALLOWED',
        422,
        'business-rule',
        'Synchronous generation of the report is not allowed',
      ),
    ));
});
