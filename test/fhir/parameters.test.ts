import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readParameters } from '../../functions/fhir/parameters.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';

const definitions = [{ name: 'anonymization', required: true, values: ['NONE', 'ANONYMIZED'] }];
const read = (body: string | Uint8Array) =>
  readParameters(typeof body === 'string' ? new TextEncoder().encode(body) : body, definitions, 'PatientsUsageReport');
const parameters = (...parameter: unknown[]) => JSON.stringify({ resourceType: 'Parameters', parameter });
const none = { name: 'anonymization', valueString: 'None' };

const refusalOf = (body: string | Uint8Array): string => {
  try {
    read(body);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.code} ${error.details.issue ?? ''} ${error.details.args?.join('|') ?? ''}`;
  }
};

describe('readParameters', () => {
  test.each(['None', 'NONE', 'none', 'ANONYMIZED', 'Anonymized'])(
    'takes %s and keeps it as it was received',
    (value) => {
      expect(read(parameters({ name: 'anonymization', valueString: value }))).toEqual([
        { name: 'anonymization', valueString: value },
      ]);
    },
  );
  test('takes a byte order mark and members that mean nothing here', () => {
    expect(
      read(`\ufeff${JSON.stringify({ resourceType: 'Parameters', id: 'x', meta: {}, parameter: [none] })}`),
    ).toEqual([none]);
  });
  test.each([
    ['no body', ''],
    ['no parameter', parameters()],
    ['no "parameter" member', '{"resourceType":"Parameters"}'],
  ])('%s: the parameter is mandatory', (_what, body) => {
    expect(refusalOf(body)).toBe('REPORTING_MISSING_INPUT_PARAMETER  anonymization|PatientsUsageReport');
  });
  test.each([
    ['text', 'hello', 'structure'],
    ['truncated', '{"resourceType":"Param', 'structure'],
    ['trailing garbage', `${parameters(none)}x`, 'structure'],
    ['a comment', `// x\n${parameters(none)}`, 'structure'],
    ['NaN', '{"resourceType":"Parameters","x":NaN}', 'structure'],
    ['single quotes', "{'resourceType':'Parameters'}", 'structure'],
    ['null', 'null', 'structure'],
    ['a number', '5', 'structure'],
    ['an array', '[]', 'structure'],
    ['no resourceType', '{"parameter":[]}', 'invalid'],
    ['another resource', '{"resourceType":"Patient"}', 'invalid'],
    ['the wrong case', '{"resourceType":"parameters"}', 'invalid'],
    ['a resourceType that is a number', '{"resourceType":5}', 'invalid'],
    ['parameter as an object', '{"resourceType":"Parameters","parameter":{}}', 'structure'],
    ['null in parameter', parameters(null), 'structure'],
    ['text in parameter', parameters('x'), 'structure'],
    ['no name', parameters({ valueString: 'None' }), 'structure'],
    ['a numeric name', parameters({ name: 5 }), 'structure'],
    ['an unknown parameter', parameters(none, { name: 'colour', valueString: 'x' }), 'not-supported'],
    ['a repeated parameter', parameters(none, none), 'structure'],
    ['valueCode', parameters({ name: 'anonymization', valueCode: 'NONE' }), 'value'],
    ['a boolean', parameters({ name: 'anonymization', valueBoolean: true }), 'value'],
    ['a valueString that is a number', parameters({ name: 'anonymization', valueString: 5 }), 'value'],
    ['no value', parameters({ name: 'anonymization' }), 'value'],
    ['another value', parameters({ name: 'anonymization', valueString: 'SOME' }), 'value'],
    [
      'a letter that folds into another',
      parameters({ name: 'anonymization', valueString: 'anonym\u0131zed' }),
      'value',
    ],
    ['an empty value', parameters({ name: 'anonymization', valueString: '' }), 'value'],
    ['two values', parameters({ ...none, valueCode: 'x' }), 'structure'],
    ['a value and parts', parameters({ ...none, part: [] }), 'invariant'],
    ['a value and a resource', parameters({ ...none, resource: {} }), 'invariant'],
    ['a further member', parameters({ ...none, colour: 1 }), 'structure'],
    ['a further member of the resource', '{"resourceType":"Parameters","colour":1}', 'structure'],
    ['__proto__ in the resource', '{"resourceType":"Parameters","__proto__":{"x":1}}', 'structure'],
    [
      'constructor in a parameter',
      '{"resourceType":"Parameters","parameter":[{"name":"anonymization","valueString":"None","constructor":1}]}',
      'structure',
    ],
    ['a name of Object.prototype', parameters({ name: 'toString', valueString: 'x' }), 'not-supported'],
  ])('%s is refused', (_what, body, issue) => {
    expect(refusalOf(body)).toMatch(new RegExp(`^GENERAL_VALIDATION_ERROR ${issue} `));
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
  test.each([
    ['overlong', [0xc0, 0xaf]],
    ['a lone surrogate (CESU-8)', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['latin-1', [0x22, 0xe6, 0x22]],
  ])('%s bytes are not UTF-8', (_what, bytes) => {
    expect(refusalOf(new Uint8Array(bytes))).toBe('GENERAL_VALIDATION_ERROR structure the body is not valid UTF-8');
  });
  test.each([10_000, 30_000])('nesting of %i is refused before anything walks it', (depth) => {
    expect(refusalOf('['.repeat(depth) + ']'.repeat(depth))).toContain('nested deeper');
    expect(refusalOf('{"a":'.repeat(depth))).toContain('nested deeper');
  });
  test('nesting of 16 is not too deep, of 17 it is', () => {
    const nested = (depth: number) => refusalOf('['.repeat(depth) + ']'.repeat(depth));
    expect(nested(16)).not.toContain('nested deeper');
    expect(nested(17)).toContain('nested deeper than 16');
  });
  test('brackets inside of strings are not nesting', () => {
    expect(refusalOf(parameters({ name: 'anonymization', valueString: `\\"${'['.repeat(100)}` }))).toContain(' value ');
  });
  test('a name is repeated in the text only where it has the form of a name', () => {
    expect(refusalOf(parameters({ name: 'colour', valueString: 'x' }))).toContain('"colour"');
    expect(refusalOf(parameters({ name: '_count', valueInteger: 1 }))).toContain('"_count"');
    expect(refusalOf(parameters({ name: '<script>', valueString: 'x' }))).not.toContain('script');
  });
  test('any bytes at all are read or refused with one of the two codes', () => {
    const anyBody = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => new TextEncoder().encode(json)),
      fc
        .jsonValue()
        .map((value) => new TextEncoder().encode(JSON.stringify({ resourceType: 'Parameters', parameter: value }))),
      fc
        .array(
          fc.record({ name: fc.constantFrom('anonymization', 'x'), valueString: fc.jsonValue() }, { requiredKeys: [] }),
        )
        .map((entries) => new TextEncoder().encode(parameters(...entries))),
    );
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(refusalOf(body)).toMatch(/^(accepted|GENERAL_VALIDATION_ERROR|REPORTING_MISSING_INPUT_PARAMETER)/);
      }),
    );
  });
});
