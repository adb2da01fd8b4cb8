import { describe, expect, test } from 'vitest';
import { describeOperations } from '../../functions/api/operation-definitions.ts';
import { mostJobs } from '../../functions/api/operations/get-report-job-status.ts';
import { publish } from '../../functions/api/publish.ts';
import { reports } from '../../functions/reports/catalogue.ts';
import { validateResource } from '../support/validate-resource.ts';

const base = 'https://reporting.example/fhir';
const definitions = describeOperations(publish(base));

test('there are three for each report of the catalogue, and the job status', () => {
  expect(definitions.map(({ code }) => code)).toEqual([
    ...reports.flatMap(({ operation }) => [`execute-${operation}`, `schedule-${operation}`, `fetch-${operation}`]),
    'get-report-job-status',
  ]);
});

describe.each(definitions.map((definition) => [definition.id, definition] as const))('%s', (id, definition) => {
  test('is valid R4 and an operation of the whole system, under our own address', async () => {
    await validateResource(definition);
    expect(definition).toMatchObject({
      url: `${base}/OperationDefinition/${id}`,
      system: true,
      type: false,
      instance: false,
      kind: 'operation',
      status: 'active',
    });
    expect(definition.name).toMatch(/^[A-Z][A-Za-z0-9]{0,254}$/);
  });
});

test('those that order take one anonymization and give a Binary; the job status takes nothing and gives a Bundle', () => {
  const [execute] = definitions;
  const status = definitions.at(-1);
  expect(execute?.parameter).toMatchObject([
    { name: 'anonymization', use: 'in', min: 1, max: '1', type: 'string' },
    { name: 'return', use: 'out', max: '1', type: 'Binary' },
  ]);
  expect([execute?.affectsState, status?.affectsState]).toEqual([true, false]);
  expect(status?.parameter).toMatchObject([{ name: 'return', use: 'out', max: '1', type: 'Bundle' }]);
  expect(status?.description).toContain(`At most ${mostJobs} are answered`);
});
