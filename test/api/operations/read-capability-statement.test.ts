import { describe, expect, test } from 'vitest';
import { stateCapabilities } from '../../../functions/api/operations/read-capability-statement.ts';
import { guard } from '../../../functions/api/route.ts';
import { product } from '../../../functions/platform/product.ts';
import { apiEvent } from '../../support/api-event.ts';
import { createTestApi, resourceOf } from '../../support/create-test-api.ts';

const base = 'https://reporting.example/fhir';

describe('GET metadata', () => {
  test('states what the service is and in which formats it speaks', async () => {
    const statement = resourceOf(await createTestApi().send(apiEvent('GET', '/fhir/metadata')));
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      status: 'active',
      kind: 'instance',
      software: product,
      implementation: { url: base },
      fhirVersion: '4.0.1',
      format: ['application/fhir+json', 'json'],
    });
    expect(statement['date']).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('names every interaction and operation of the table, each operation with a definition that can be read', async () => {
    const api = createTestApi();
    const { rest } = resourceOf<ReturnType<typeof stateCapabilities>>(
      await api.send(apiEvent('GET', '/fhir/metadata')),
    );
    const [server] = rest;
    expect(server?.resource.map(({ type, interaction }) => [type, interaction.map(({ code }) => code)])).toEqual([
      ['Binary', ['read', 'delete', 'history-instance', 'vread']],
      ['OperationDefinition', ['read']],
    ]);
    expect(server?.operation.map(({ name, definition }) => [name, definition])).toEqual(
      [
        'execute-patient-usage-stats',
        'schedule-patient-usage-stats',
        'fetch-patient-usage-stats',
        'get-report-job-status',
      ].map((name) => [name, `${base}/OperationDefinition/-s-${name}`]),
    );
    for (const { definition } of server?.operation ?? []) {
      expect((await api.send(apiEvent('GET', new URL(definition).pathname))).statusCode).toBe(200);
    }
  });

  test('tells of OAuth, and that no one address can be named', async () => {
    const statement = resourceOf(await createTestApi().send(apiEvent('GET', '/fhir/metadata')));
    expect(statement).toMatchObject({
      rest: [
        {
          security: {
            extension: [{ url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris' }],
            service: [{ coding: [{ code: 'OAuth' }] }],
          },
        },
      ],
    });
  });
});

test('an operation without a definition cannot be stated', () => {
  expect(() => stateCapabilities([guard('x', '/$unheard-of', {})], base)).toThrow('without a definition');
});
