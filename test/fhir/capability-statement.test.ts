import { describe, expect, test } from 'vitest';
import { describeCapabilities } from '../../functions/fhir/capability-statement.ts';
import { describeOperation, type Publication } from '../../functions/fhir/operation-definition.ts';
import { validateResource } from '../support/validate-resource.ts';

const publication: Publication = {
  baseUrl: 'https://reporting.example/fhir',
  product: { name: 'product', version: '1.2.3' },
  released: '2026-11-23',
};
const operation = describeOperation(publication, {
  code: 'do-it',
  title: 'Do it',
  description: 'Does it.',
  affectsState: true,
  inputs: [],
  returns: 'Bundle',
});

describe('a capability statement', () => {
  test('is valid R4', async () => {
    await validateResource(describeCapabilities(publication, [{ resource: 'Binary', code: 'read' }], [operation]));
  });
  test('groups interactions by resource, and says of a resource only what is true of it', () => {
    const [rest] = describeCapabilities(
      publication,
      [
        { resource: 'Binary', code: 'read' },
        { resource: 'Patient', code: 'read' },
        { resource: 'Binary', code: 'delete' },
      ],
      [],
    ).rest;
    expect(rest?.resource).toEqual([
      expect.objectContaining({
        type: 'Binary',
        interaction: [{ code: 'read' }, { code: 'delete' }],
        readHistory: true,
      }),
      { type: 'Patient', profile: 'http://hl7.org/fhir/StructureDefinition/Patient', interaction: [{ code: 'read' }] },
    ]);
  });
  test('points to the definition of each operation', () => {
    const [rest] = describeCapabilities(publication, [], [operation]).rest;
    expect(rest?.operation).toEqual([
      {
        name: 'do-it',
        definition: 'https://reporting.example/fhir/OperationDefinition/-s-do-it',
        documentation: 'Does it.',
      },
    ]);
  });
});
