import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { apiEvent } from './api-event.ts';
import { contractOrder } from './fhir-client.ts';

/** What no answer and no log may repeat, wherever it stood in the request. The word fits every pattern, the other text none. */
export const canaries = ['plantedword', 'planted🍌text'] as const;

/** A request before it becomes an event. */
interface Draft {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly body: string | Uint8Array | undefined;
  readonly isBase64: boolean;
}

type Mutation = (draft: Draft) => Draft;

const secret = fc.constantFrom(...canaries);
/** Where a name of the right form may be repeated. */
const oddSecret = fc.constant(canaries[1]);
const noiseWith = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('', '%', '%zz', '"', ',', '${', '\r\n'), text)
    .map((parts) => parts.join(''));
const noise = noiseWith(secret);
const fewOf = (...texts: readonly string[]) => fc.constantFrom(...texts);
const usually = (usual: fc.Arbitrary<string>, odd: fc.Arbitrary<string> = noise) =>
  fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: odd });

const orders = ['execute', 'schedule', 'fetch'].map((mode) => `$${mode}-patient-usage-stats`);

/** What makes a good request another good one. */
const conditions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  POST: { 'idempotency-key': 'used' },
  GET: { 'if-none-match': '*' },
  HEAD: { 'if-none-match': 'W/"1", W/"2"' },
  DELETE: { 'if-match': 'W/"9"' },
};

/** A request as it should be, of every kind that the service knows, for Binaries of these ids. */
const goodRequests = (ids: readonly string[]): fc.Arbitrary<Draft> => {
  const id = fc.constantFrom(...ids);
  const read = (path: fc.Arbitrary<string>, method = fewOf('GET', 'HEAD')) =>
    fc.record({ method, path, body: fc.constant(undefined) });
  const order = fewOf('None', 'NONE', 'anonymized').map((value) => contractOrder.replace('None', value));
  return fc
    .oneof(
      { weight: 8, arbitrary: fc.record({ method: fc.constant('POST'), path: fewOf(...orders), body: order }) },
      { weight: 3, arbitrary: read(id.map((text) => `Binary/${text}`)) },
      { weight: 1, arbitrary: read(id.map((text) => `Binary/${text}/_history`)) },
      {
        weight: 2,
        arbitrary: read(fc.tuple(id, fewOf('1', '2', '3')).map(([text, n]) => `Binary/${text}/_history/${n}`)),
      },
      {
        weight: 2,
        arbitrary: read(
          id.map((text) => `Binary/${text}`),
          fc.constant('DELETE'),
        ),
      },
      { weight: 1, arbitrary: read(fewOf('$get-report-job-status')) },
      { weight: 1, arbitrary: read(fewOf('metadata', 'openapi.json', 'OperationDefinition')) },
    )
    .chain((request) =>
      fc.constantFrom({}, {}, {}, conditions[request.method] ?? {}).map((own) => ({ ...request, own })),
    )
    .map(({ own, ...request }) => ({
      ...request,
      headers: {
        ...own,
        authorization: 'Bearer owner',
        accept: 'application/fhir+json',
        'content-type': 'application/fhir+json',
      },
      query: '',
      isBase64: true,
    }));
};

/** Headers that the service reads, each with values that are nearly right. */
const readHeaders: Readonly<Record<string, fc.Arbitrary<string>>> = {
  authorization: usually(fewOf('Bearer reader', 'Bearer roleless', 'Bearer patient', 'Bearer namesake', ''), secret),
  accept: usually(fewOf('*/*', 'text/html', 'application/zip', 'application/fhir+json;q=0', '')),
  'content-type': usually(fewOf('application/json', 'text/plain', 'application/fhir+json; charset=latin1', '')),
  'content-encoding': usually(fewOf('gzip', 'identity', '')),
  'accept-encoding': usually(fewOf('gzip', 'br', '*;q=0')),
  'if-none-match': usually(fewOf('*', 'W/"1"', '"2"', 'W/"1", W/"2"')),
  'if-match': usually(fewOf('*', 'W/"1"', '"2"', 'W/"9"')),
  'idempotency-key': usually(fewOf('used', 'fresh', 'two words', '')),
  'x-request-id': usually(fewOf('mine-1', ''), oddSecret),
};
const ignoredHeaders = [
  'prefer',
  'cookie',
  'range',
  'x-amz-date',
  'forwarded',
  'traceparent',
  'x-security-context',
  '__proto__',
];

const header = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Mutation> =>
  value.map((text) => (draft) => ({ ...draft, headers: { ...draft.headers, [name]: text } }));

const edit = (body: Draft['body'], at: number, put: string): string => {
  const text = typeof body === 'string' ? body : contractOrder;
  const place = at % (text.length + 1);
  return text.slice(0, place) + put + text.slice(place);
};

/** Values that are nearly right for the one parameter that is known. */
const nearlyRight = fc.tuple(fewOf('valueString', 'valueString', 'valueCode', 'value', 'part', '__proto__'), noise);
const entry = fc.oneof(
  { weight: 4, arbitrary: nearlyRight.map(([member, value]) => ({ name: 'anonymization', [member]: value })) },
  { weight: 2, arbitrary: oddSecret.map((name) => ({ name, valueString: 'None' })) },
  { weight: 1, arbitrary: fc.oneof(fc.jsonValue(), secret) },
);
const parameters = fc
  .tuple(fc.array(entry, { minLength: 1, maxLength: 2 }), oddSecret, fc.constantFrom(false, false, true))
  .map(([parameter, name, more]) =>
    JSON.stringify({ resourceType: 'Parameters', parameter, ...(more && { [name]: 1 }) }),
  );

const bodyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(200), noiseWith(oddSecret)).map(([at, put]) => (draft: Draft) => ({
    ...draft,
    body: edit(draft.body, at, put),
  })),
  fc.nat(200).map((at) => (draft: Draft) => ({ ...draft, body: edit(draft.body, 0, '').slice(0, at) })),
  parameters.map((body) => (draft: Draft) => ({ ...draft, body })),
  fc.uint8Array({ maxLength: 60 }).map((body) => (draft: Draft) => ({ ...draft, body })),
  fewOf('['.repeat(5000), `{"a":${'['.repeat(20)}`, ' '.repeat(65_537)).map((body) => (draft: Draft) => ({
    ...draft,
    body,
  })),
  fc.constant((draft: Draft) => ({ ...draft, isBase64: !draft.isBase64 })),
);

const pathEnds = ['/', '//', '/x', ';a=1', '\\', '%2f', '/..', '/_history', '/_history/99', '/../metadata', '\u0000'];

/** One thing about a request that is not as it should be. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  usually(fewOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'constructor')).map((method) => (draft: Draft) => ({
    ...draft,
    method,
  })),
  usually(fewOf(...pathEnds)).map((end) => (draft: Draft) => ({ ...draft, path: draft.path + end })),
  noise.map((path) => (draft: Draft) => ({ ...draft, path })),
  usually(
    fewOf('_format=json', '_format=xml', '_count=2', '_count=-1', '_cursor=x', '_summary=true'),
    noise.map((text) => `_cursor=${encodeURIComponent(text)}`),
  ).map((query) => (draft: Draft) => ({ ...draft, query })),
  ...Object.entries(readHeaders).map(([name, value]) => header(name, value)),
  fc.constantFrom(...ignoredHeaders).chain((name) => header(name, noise)),
  bodyMutation,
  bodyMutation,
  bodyMutation,
  bodyMutation,
);

const junk = fc.constantFrom<unknown>(undefined, null, 0, '', [], {}, canaries[1]);
const damaged = [
  'headers',
  'rawPath',
  'rawQueryString',
  'requestContext',
  'body',
  'isBase64Encoded',
  'version',
] as const;

const toEvent = ({ method, path, headers, query, body, isBase64 }: Draft): APIGatewayProxyEventV2 => {
  const event = apiEvent(method, `/fhir/${path}`, { headers, query });
  if (body === undefined) return event;
  const text = Buffer.from(body).toString(isBase64 ? 'base64' : 'utf8');
  return { ...event, body: text, isBase64Encoded: isBase64 };
};

/**
 * Events of nearly good requests: one of every kind that the service knows, with up to three things that are not as they should be, and
 * now and then an event that no gateway would make.
 *
 * @param ids Binary ids that stand for something
 */
export const eventsNearlyGood = (ids: readonly string[]): fc.Arbitrary<APIGatewayProxyEventV2> => {
  const request = fc
    .tuple(goodRequests(ids), fc.array(mutation, { maxLength: 3 }))
    .map(([draft, mutations]) => toEvent(mutations.reduce((mutated, mutate) => mutate(mutated), draft)));
  const broken = fc
    .tuple(request, fc.constantFrom(...damaged), junk)
    .map(([event, member, value]) => ({ ...event, [member]: value }) as APIGatewayProxyEventV2);
  return fc.oneof({ weight: 15, arbitrary: request }, { weight: 1, arbitrary: broken });
};
