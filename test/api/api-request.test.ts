import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { largestBody, readApiRequest } from '../../functions/api/api-request.ts';
import { ServiceError } from '../../functions/platform/service-error.ts';
import { apiEvent } from '../support/api-event.ts';
import { createCountedIds } from '../support/counted-ids.ts';

const read = (event: unknown) => readApiRequest(event as never, '/fhir', createCountedIds());
const onStage = (stage: string, path: string) => {
  const event = apiEvent('GET', path);
  return read({ ...event, requestContext: { ...event.requestContext, stage } });
};

describe('readApiRequest', () => {
  test.each([
    ['/fhir/Binary/1', '$default', '/Binary/1'],
    ['/Binary/1', '$default', '/Binary/1'],
    ['/prod/fhir/Binary/1', 'prod', '/Binary/1'],
    ['/prod/Binary/1', 'prod', '/Binary/1'],
    ['/fhir', '$default', '/'],
    ['/fhirx/Binary/1', '$default', '/fhirx/Binary/1'],
    ['/production/fhir/x', 'prod', '/production/fhir/x'],
  ])('%s on stage %s is %s below the base', (path, stage, expected) => {
    expect(onStage(stage, path).path).toBe(expected);
  });
  test.each(['9ac596fa-9782-9550-bb72-d1acbefe6c11', 'a', 'A.b-1', 'x'.repeat(64)])(
    "keeps the caller's request id %s",
    (id) => {
      expect(read(apiEvent('GET', '/', { headers: { 'x-request-id': id } })).requestId).toBe(id);
    },
  );
  test.each(['', 'x'.repeat(65), 'a b', 'a\r\nx: y', 'a_b', '\u00e6', '<a>'])(
    'makes an own request id for %j',
    (id) => {
      expect(read(apiEvent('GET', '/', { headers: { 'x-request-id': id } })).requestId).toBe('id-1');
    },
  );
  test('decodes the body where the gateway encoded it, and only there', () => {
    const event = apiEvent('POST', '/', { body: '{"a":"\u00e6"}' });
    expect(Buffer.from(read(event).readBody()).toString()).toBe('{"a":"\u00e6"}');
    expect(Buffer.from(read({ ...event, isBase64Encoded: false }).readBody()).toString()).toBe(event.body);
  });
  test('takes a body of 64 kB and refuses one byte more, encoded or not', () => {
    const event = (length: number) => apiEvent('POST', '/', { body: 'x'.repeat(length) });
    expect(read(event(largestBody)).readBody()).toHaveLength(65_536);
    const plain = { ...event(1), body: 'x'.repeat(largestBody + 1), isBase64Encoded: false };
    for (const large of [event(largestBody + 1), event(10 * largestBody), plain]) {
      expect(() => read(large).readBody()).toThrow(expect.objectContaining({ code: 'GENERAL_BODY_TOO_LARGE' }));
    }
  });
  test('reads _format from the query', () => {
    expect(read(apiEvent('GET', '/', { query: 'a=b&_format=application%2Ffhir%2Bjson' })).wish.format).toBe(
      'application/fhir+json',
    );
  });
  test('anything at all becomes a request; only its body may be refused', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (event) => {
        const request = read(event);
        try {
          request.readBody();
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
        }
        expect(typeof request.path).toBe('string');
        expect(request.header('x')).toBeUndefined();
      }),
    );
  });
});
