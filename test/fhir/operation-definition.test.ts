import { expect, test } from 'vitest';
import { describeOperation, toDefinitionId, toDefinitionUrl } from '../../functions/fhir/operation-definition.ts';
import { validateResource } from '../support/validate-resource.ts';

const publication = {
  baseUrl: 'https://reporting.example/fhir',
  product: { name: 'product', version: '1.2.3' },
  released: '2026-11-23',
};

test("ids are HAPI's for an operation of the whole system, and the address is where it can be read", () => {
  expect(toDefinitionId('do-it')).toBe('-s-do-it');
  expect(toDefinitionUrl(publication.baseUrl, 'do-it')).toBe(
    'https://reporting.example/fhir/OperationDefinition/-s-do-it',
  );
});

test('a definition is valid R4, with a name for generated code and one parameter for each input and the result', async () => {
  const definition = describeOperation(publication, {
    code: 'do-it-now',
    title: 'Do it now',
    description: 'Does it.',
    affectsState: false,
    inputs: [
      { name: 'must', required: true, documentation: 'One.' },
      { name: 'may', required: false, documentation: 'Two.' },
    ],
    returns: 'Binary',
  });
  await validateResource(definition);
  expect(definition).toMatchObject({ name: 'DoItNow', version: '1.2.3', date: '2026-11-23', affectsState: false });
  expect(definition.parameter.map(({ name, use, min, max, type }) => [name, use, min, max, type])).toEqual([
    ['must', 'in', 1, '1', 'string'],
    ['may', 'in', 0, '1', 'string'],
    ['return', 'out', 1, '1', 'Binary'],
  ]);
});
