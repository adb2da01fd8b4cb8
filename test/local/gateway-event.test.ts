import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toGatewayEvent, type WireRequest } from '../../local/gateway-event.ts';

const fixtures = fileURLToPath(new URL('../fixtures/gateway-events/', import.meta.url));

interface Recorded {
  readonly request: Omit<WireRequest, 'body'> & { readonly body: string };
  readonly event: Record<string, unknown> & { readonly headers: object; readonly requestContext: object };
}

const readRecorded = (name: string): Recorded => JSON.parse(readFileSync(fixtures + name, 'utf8')) as Recorded;

const request = (own: Partial<WireRequest>): WireRequest => ({
  method: 'GET',
  target: '/',
  rawHeaders: ['Host', 'reporting.example'],
  body: new Uint8Array(),
  sourceIp: '192.0.2.1',
  ...own,
});

const post = (contentType: string | undefined) =>
  toGatewayEvent(
    request({
      method: 'POST',
      rawHeaders: contentType === undefined ? [] : ['Content-Type', contentType],
      body: Buffer.from('{}'),
    }),
  );

describe('the event that the front makes of a request', () => {
  it.each(readdirSync(fixtures))('is the recorded one: %s', (name) => {
    const recorded = readRecorded(name);
    const event = toGatewayEvent({ ...recorded.request, body: Buffer.from(recorded.request.body) });
    expect(event).toMatchObject(recorded.event);
    expect(Object.keys(event ?? {}).sort()).toEqual(Object.keys(recorded.event).sort());
    const {
      'x-amzn-trace-id': trace,
      'x-forwarded-port': port,
      'x-forwarded-proto': proto,
      ...own
    } = event?.headers ?? {};
    expect(own).toEqual(recorded.event.headers);
    expect([trace, port, proto]).toEqual([expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/), '80', 'http']);
  });

  it.each([
    ['/fhir/$get-report-job-status', '/fhir/$get-report-job-status'],
    ['/fhir/%24get-report-job-status', '/fhir/$get-report-job-status'],
    ['/fhir/%2524get-report-job-status', '/fhir/%24get-report-job-status'],
    ['/fhir/Binary/%2e%2e%2fmetadata', '/fhir/Binary/../metadata'],
    ['/fhir/Binary/a%3Fb', '/fhir/Binary/a'],
    ['/fhir//metadata', '/fhir//metadata'],
    ['/fhir/Binary/%C3%A6', '/fhir/Binary/æ'],
  ])('has the path of %s decoded once: %s', (target, rawPath) => {
    const event = toGatewayEvent(request({ target }));
    expect([event?.rawPath, event?.requestContext.http.path]).toEqual([rawPath, rawPath]);
  });

  it.each(['/%', '/%zz', '/%ff'])('is none for the path %s, which cannot be decoded', (target) => {
    expect(toGatewayEvent(request({ target }))).toBeUndefined();
  });

  it('keeps a query as it was sent, further question marks included', () => {
    expect(toGatewayEvent(request({ target: '/?a=%20b?c&a' }))).toMatchObject({
      rawQueryString: 'a=%20b?c&a',
      queryStringParameters: { a: ' b?c,' },
    });
  });

  it('takes a query key that means something to objects for a key like any other', () => {
    const event = toGatewayEvent(request({ target: '/?__proto__=x&constructor=y' }));
    expect(Object.entries(event?.queryStringParameters ?? {})).toContainEqual(['constructor', 'y']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    'text/plain',
    'text/csv; charset=utf-8',
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/XML',
    'application/javascript',
  ])('has a body of type %s as text', (contentType) => {
    expect(post(contentType)).toMatchObject({ isBase64Encoded: false, body: '{}' });
  });

  it.each([
    'application/fhir+json',
    'application/fhir+json; charset=UTF-8',
    'application/json+fhir',
    'application/octet-stream',
    undefined,
  ])('has a body of type %s in base64', (contentType) => {
    expect(post(contentType)).toMatchObject({ isBase64Encoded: true, body: 'e30=' });
  });

  it('tells the time in both forms', () => {
    const context = toGatewayEvent(request({}))?.requestContext;
    expect(context?.time).toMatch(
      /^\d\d\/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\/\d{4}:\d\d:\d\d:\d\d \+0000$/,
    );
    const [day, month, year, time] = (context?.time ?? '').match(/[A-Za-z]+|\d\d:\d\d:\d\d|\d+/g) ?? [];
    expect(new Date(`${day} ${month} ${year} ${time} UTC`).getTime()).toBe(
      Math.floor((context?.timeEpoch ?? 0) / 1000) * 1000,
    );
  });
});
