import { describe, expect, test } from 'vitest';
import {
  acceptsGzip,
  chooseBinaryForm,
  requireFhirJson,
  requireFhirJsonBody,
  requireJson,
} from '../../functions/fhir/content-negotiation.ts';

const hapi = 'application/fhir+json;q=1.0, application/json+fhir;q=0.9';
const refusal = (code: string) => expect.objectContaining({ code });
const wish = (accept: string | undefined, format?: string) => ({ accept, format });

describe('JSON that is not FHIR', () => {
  test.each([undefined, '*/*', 'application/json', 'application/*;q=0.5', 'text/html, application/json'])(
    '%s is served',
    (accept) => {
      expect(() => requireJson(wish(accept))).not.toThrow();
    },
  );
  test.each(['application/fhir+json', 'application/fhir+xml', 'text/html', 'application/json;q=0'])(
    '%s is not',
    (accept) => {
      expect(() => requireJson(wish(accept))).toThrow(refusal('GENERAL_NOT_ACCEPTABLE'));
    },
  );
  test('_format wins', () => {
    expect(() => requireJson(wish('application/fhir+xml', 'json'))).not.toThrow();
    expect(() => requireJson(wish('application/json', 'xml'))).toThrow(refusal('GENERAL_NOT_ACCEPTABLE'));
  });
});

describe('requireFhirJson', () => {
  test.each([
    [undefined],
    [''],
    ['*/*'],
    ['application/*'],
    ['application/json'],
    ['Application/FHIR+JSON'],
    ['application/json+fhir'],
    ['application/fhir+json; fhirVersion=4.0'],
    ['application/fhir+json;charset=utf-8'],
    ['application/fhir+json; fhirVersion=4.0.1'],
    ['application/fhir+json; charset=utf-8; fhirVersion=4.0'],
    ['application/fhir+json; fhirVersion=4.0; charset=UTF-8'],
    ['text/html, application/fhir+xml;q=0.9, */*;q=0.1'],
    [hapi],
  ])('Accept %j is served with FHIR JSON', (accept) => {
    expect(() => requireFhirJson(wish(accept))).not.toThrow();
  });
  test.each([
    ['application/fhir+xml'],
    ['text/html'],
    ['text/turtle'],
    ['application/fhir+json;q=0'],
    ['*/*;q=0'],
    ['*/*;q=NaN'],
    ['not a media type'],
    [','.repeat(9000)],
    [`application/fhir+json${';a="\\'.repeat(2000)}`],
  ])('Accept %j is not acceptable', (accept) => {
    expect(() => requireFhirJson(wish(accept))).toThrow(refusal('GENERAL_NOT_ACCEPTABLE'));
  });
  test('_format wins over Accept, either way', () => {
    expect(() => requireFhirJson(wish('application/fhir+xml', 'json'))).not.toThrow();
    expect(() => requireFhirJson(wish(hapi, 'xml'))).toThrow(refusal('GENERAL_NOT_ACCEPTABLE'));
  });
  test.each([
    'json',
    'application/json',
    'application/fhir+json',
    'application/fhir json',
    'APPLICATION/FHIR+JSON;charset=utf-8',
  ])('_format=%s means FHIR JSON', (format) => {
    expect(() => requireFhirJson(wish(undefined, format))).not.toThrow();
  });
});

describe('chooseBinaryForm', () => {
  const types = ['text/plain', 'application/gzip-json', 'application/fhir+json'];
  test.each([
    [hapi, 'resource'],
    ['application/fhir+json', 'resource'],
    ['application/json+fhir', 'resource'],
    ['application/fhir+json; fhirVersion=4.0', 'resource'],
    ['*/*, application/fhir+json', 'resource'],
    ['application/fhir+json, */*;q=0.5', 'resource'],
    [undefined, 'raw'],
    ['*/*', 'raw'],
    ['application/json', 'raw'],
    ['application/*', 'raw'],
    ['application/gzip-json', 'raw'],
    ['text/plain', 'raw'],
    ['text/*', 'raw'],
    ['application/zip', 'raw'],
    ['application/octet-stream', 'raw'],
    ['application/json, text/plain, */*', 'raw'],
    ['application/gzip-json, application/fhir+json;q=0.5', 'raw'],
    ['application/fhir+xml, application/zip;q=0.5', 'raw'],
    ['application/json, application/fhir+json', 'resource'],
    ['application/json, application/fhir+json;q=0.5', 'resource'],
  ] as const)('Accept %j gives the %s form', (accept, form) => {
    expect(chooseBinaryForm(wish(accept), types)).toBe(form);
  });
  test('_format=json gives the resource whatever is accepted', () => {
    expect(chooseBinaryForm(wish('application/fhir+xml', 'json'), types)).toBe('resource');
  });
  test.each(['application/fhir+xml', 'text/html', 'application/json;q=0', 'image/png', 'a/b,'.repeat(600)])(
    'Accept %.30s is not acceptable, and the refusal names both forms',
    (accept) => {
      const args = ['*/*" or "Accept: application/fhir+json'];
      expect(() => chooseBinaryForm(wish(accept), types)).toThrow(
        expect.objectContaining({ code: 'GENERAL_NOT_ACCEPTABLE', details: { args } }),
      );
    },
  );
});

describe('requireFhirJsonBody', () => {
  test.each([
    'application/fhir+json',
    'application/json',
    'application/json+fhir',
    'application/fhir+json; charset=UTF-8',
    'Application/FHIR+JSON ;  Charset="utf-8"',
    'application/fhir+json; fhirVersion=4.0',
  ])('takes %s', (type) => {
    expect(() => requireFhirJsonBody(type, undefined)).not.toThrow();
    expect(() => requireFhirJsonBody(type, 'identity')).not.toThrow();
  });
  test.each([
    undefined,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/fhir+xml',
    'application/json-patch+json',
    'application/fhir+json; charset=iso-8859-1',
    'application/fhir+json; fhirVersion=3.0',
    'application/fhir+json, text/plain',
  ])('refuses %s', (type) => {
    expect(() => requireFhirJsonBody(type, undefined)).toThrow(refusal('GENERAL_UNSUPPORTED_MEDIA_TYPE'));
  });
  test.each(['gzip', 'deflate', 'br', 'fake'])('refuses the content encoding %s without inflating', (encoding) => {
    expect(() => requireFhirJsonBody('application/fhir+json', encoding)).toThrow(
      refusal('GENERAL_UNSUPPORTED_MEDIA_TYPE'),
    );
  });
});

describe('acceptsGzip', () => {
  test.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['br', false],
    [undefined, false],
    ['gzip,'.repeat(1000), false],
  ])('%j: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected);
  });
});
