import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiEvent } from '../../support/api-event.ts';
import { createContractBench, errorOf } from '../../support/contract-bench.ts';
import { contractOrder } from '../../support/fhir-client.ts';

const bench = createContractBench();
const headers = { authorization: 'Bearer owner', 'content-type': 'application/fhir+json' };
const execute = '$execute-patient-usage-stats';
const given = '{"name":"anonymization","valueString":"None"}';
const parameters = (...entries: readonly string[]) => `{"resourceType":"Parameters","parameter":[${entries.join()}]}`;

/** What an order with this body is answered with. */
const refusalOf = async (body: string, own: Record<string, string> = {}) => {
  const { status, issue } = errorOf(await bench.call('POST', execute, { body, headers: own }));
  return [status, issue];
};
const sendRaw = (body: string | undefined, isBase64Encoded: boolean, own: Record<string, string> = {}) => {
  const event = apiEvent('POST', `/fhir/${execute}`, { headers: { ...headers, ...own } });
  return bench.api.send({ ...event, isBase64Encoded, ...(body === undefined ? {} : { body }) });
};
const statusOfBytes = async (bytes: Uint8Array) =>
  (await sendRaw(Buffer.from(bytes).toString('base64'), true)).statusCode;

describe('what no body may do:', () => {
  let before = 0;
  beforeEach(() => {
    before = bench.api.calls();
  });
  afterEach(() => {
    // Nothing is written on a 4xx, and nothing is left in any prototype.
    expect(bench.api.calls()).toBe(before);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('H1: no body is 400 required', async () => {
    const { status, issue } = errorOf(await bench.call('POST', execute));
    expect([status, issue]).toEqual([400, 'required']);
  });
  test.each([
    'x',
    contractOrder.slice(0, -1),
    `${contractOrder}x`,
    `/* c */${contractOrder}`,
    'NaN',
    "{'a':1}",
    '{"a":NaN}',
  ])('H2: %j is 400 structure', async (body) => expect(await refusalOf(body)).toEqual([400, 'structure']));
  test.each(['1', '"text"', 'true', '[]', 'null'])('H3: %s is 400 structure', async (body) =>
    expect(await refusalOf(body)).toEqual([400, 'structure']),
  );
  test.each(['{}', '{"resourceType":"Patient"}', '{"resourceType":"parameters"}', '{"resourceType":1}'])(
    'H4: %s is 400 invalid',
    async (body) => expect(await refusalOf(body)).toEqual([400, 'invalid']),
  );
  test.each(['{}', '[null]', '["a"]'])('H5: parameter %s is 400 structure', async (value) =>
    expect(await refusalOf(`{"resourceType":"Parameters","parameter":${value}}`)).toEqual([400, 'structure']),
  );
  test('H7: an unknown parameter is 400 not-supported', async () =>
    expect(await refusalOf(parameters(given, '{"name":"other","valueString":"x"}'))).toEqual([400, 'not-supported']));
  test('H8: the same parameter twice is 400 structure', async () =>
    expect(await refusalOf(parameters(given, given))).toEqual([400, 'structure']));
  test.each(['"valueDate":"2026-01-01"', '"valueBoolean":true', '"valueString":true', '"valueString":1'])(
    'H9: the wrong value %s is 400 value',
    async (value) => expect(await refusalOf(parameters(`{"name":"anonymization",${value}}`))).toEqual([400, 'value']),
  );
  test('H10: two value[x] in one parameter are 400 structure', async () =>
    expect(await refusalOf(parameters('{"name":"anonymization","valueString":"None","valueCode":"None"}'))).toEqual([
      400,
      'structure',
    ]));
  test.each(['"part":[]', '"resource":{}'])('H10: a value and %s are 400 invariant', async (member) =>
    expect(await refusalOf(parameters(`{"name":"anonymization","valueString":"None",${member}}`))).toEqual([
      400,
      'invariant',
    ]),
  );
  test('H15: a body over 64 kB is 413 too-long', async () => {
    expect(await refusalOf(' '.repeat(65_537))).toEqual([413, 'too-long']);
    expect(await refusalOf(' '.repeat(65_536))).toEqual([400, 'structure']);
  });
  test('H16: a depth of 10 000 is 400 structure, a depth of 1 000 000 is over 64 kB, both at once', async () => {
    const begun = performance.now();
    expect(await refusalOf('['.repeat(10_000))).toEqual([400, 'structure']);
    expect(await refusalOf(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)).toEqual([400, 'structure']);
    expect(await refusalOf('{"a":'.repeat(10_000))).toEqual([400, 'structure']);
    expect(await refusalOf('['.repeat(1_000_000))).toEqual([413, 'too-long']);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'H18: the key %s is 400 structure',
    async (key) => {
      expect(await refusalOf(`{"resourceType":"Parameters","${key}":{"x":1},"parameter":[${given}]}`)).toEqual([
        400,
        'structure',
      ]);
      const entry = `{"name":"anonymization","valueString":"None","${key}":{"x":1}}`;
      expect(await refusalOf(parameters(entry))).toEqual([400, 'structure']);
    },
  );
  /** The order with these bytes where anything may stand, so that nothing else is wrong with it. */
  const withId = (...bytes: readonly number[]) => {
    const [before = '', after = ''] = contractOrder.replace('{', '{"id":"|",').split('|');
    return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
  };
  test('H20: the order that the next ones are made of is right', async () => {
    expect(await createContractBench().call('POST', execute, { body: withId(0x61).toString() })).toMatchObject({
      status: 200,
    });
  });
  test.each([
    ['invalid UTF-8', withId(0xff)],
    ['overlong UTF-8', withId(0xc0, 0xaf)],
    ['CESU-8', withId(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['UTF-16', Buffer.from(contractOrder, 'utf16le')],
  ])('H20: %s is 400 structure', async (_what, bytes) => {
    const answer = await sendRaw(bytes.toString('base64'), true);
    expect([answer.statusCode, JSON.parse(answer.body ?? '').issue[0].code]).toEqual([400, 'structure']);
  });
  test('H25: base64 text that is not said to be base64 is 400 structure', async () => {
    const answer = await sendRaw(Buffer.from(contractOrder).toString('base64'), false);
    expect([answer.statusCode, JSON.parse(answer.body ?? '').issue[0].code]).toEqual([400, 'structure']);
  });
  test.each(['gzip', 'deflate', 'br', 'fake'])(
    'H26: Content-Encoding %s is 415 not-supported, and nothing is unpacked',
    async (encoding) => {
      expect(await refusalOf(contractOrder, { 'content-encoding': encoding })).toEqual([415, 'not-supported']);
      const packed = await sendRaw(gzipSync(contractOrder).toString('base64'), true, { 'content-encoding': encoding });
      expect(packed.statusCode).toBe(415);
    },
  );
  test.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'H27: Content-Type %j is 415 not-supported',
    async (type) => expect(await refusalOf(contractOrder, { 'content-type': type })).toEqual([415, 'not-supported']),
  );
  test('H27: no Content-Type is 415', async () => {
    const event = apiEvent('POST', `/fhir/${execute}`, {
      headers: { authorization: 'Bearer owner' },
      body: contractOrder,
    });
    expect((await bench.api.send(event)).statusCode).toBe(415);
  });
  test.each([
    'application/fhir+json; charset=iso-8859-1',
    'application/fhir+json; fhirVersion=3.0',
    'application/fhir+xml',
    'application/json-patch+json',
  ])('H29: Content-Type %s is 415 not-supported', async (type) =>
    expect(await refusalOf(contractOrder, { 'content-type': type })).toEqual([415, 'not-supported']),
  );
});

describe('what a body may do:', () => {
  test('H21: a UTF-8 BOM is accepted', async () =>
    expect(await statusOfBytes(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(contractOrder)]))).toBe(
      200,
    ));
  test('H23: FHIR JSON in base64 is the normal case', async () =>
    expect(await statusOfBytes(Buffer.from(contractOrder))).toBe(200));
  test.each([
    'application/json',
    'application/fhir+json; charset=UTF-8',
    'Application/FHIR+JSON;charset=utf-8',
    ' application/fhir+json ; charset="UTF-8" ',
  ])('H28: Content-Type %j is 200', async (type) =>
    expect((await bench.call('POST', execute, { body: contractOrder, headers: { 'content-type': type } })).status).toBe(
      200,
    ),
  );
});
