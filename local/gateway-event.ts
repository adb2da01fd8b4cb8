import { randomBytes, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query as sent, undecoded: `/fhir/%24execute-…?_format=json`. */
  readonly target: string;
  /** Names and values in turn, in order and with repetitions (`IncomingMessage.rawHeaders`). */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly sourceIp: string;
}

/** Types whose bodies reach the function as text; all others as base64 (live captures of HTTP APIs). */
const textTypes = /^(?:text\/[^;]*|application\/(?:json|javascript|xml))\s*(?:;|$)/i;

const readHeaders = (rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } => {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  }
  return { headers, cookies };
};

/** What the gateway adds by itself. */
const addForwarding = (headers: Record<string, string>, sourceIp: string): Record<string, string> => ({
  ...headers,
  'x-amzn-trace-id': `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
  'x-forwarded-for': headers['x-forwarded-for'] === undefined ? sourceIp : `${headers['x-forwarded-for']}, ${sourceIp}`,
  'x-forwarded-port': (headers['host'] ?? '').split(':')[1] ?? '80',
  'x-forwarded-proto': 'http',
});

/** The path arrives decoded, once; a question mark that was encoded then cuts it. Undefined for an encoding that cannot be read. */
const decodePath = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path).split('?', 1)[0];
  } catch {
    return undefined;
  }
};

/** Decoded, repeated keys joined with a comma. */
const readQuery = (rawQueryString: string): Record<string, string> => {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query[name] = name in query ? `${query[name]},${value}` : value;
  }
  return { ...query };
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000`. */
const toLogTime = (millis: number): string => {
  const [date = '', time = ''] = new Date(millis).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
};

const readBody = (
  body: Uint8Array,
  contentType: string | undefined,
): Pick<APIGatewayProxyEventV2, 'isBase64Encoded' | 'body'> => {
  if (body.byteLength === 0) return { isBase64Encoded: false };
  const isBase64Encoded = !textTypes.test(contentType ?? '');
  return { isBase64Encoded, body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8') };
};

/**
 * The event of payload version 2.0 that an HTTP API with one `$default` route makes of a request: path decoded, query not, header
 * names in lower case, repeated ones joined with a comma, cookies apart, bodies in base64 unless their type is one of text
 * (AWS, "Create AWS Lambda proxy integrations for HTTP APIs", and live captures).
 *
 * @returns undefined for a path whose encoding cannot be read: the gateway answers 400 by itself
 */
export const toGatewayEvent = (request: WireRequest): APIGatewayProxyEventV2 | undefined => {
  const [encodedPath = '', ...query] = request.target.split('?');
  const rawQueryString = query.join('?');
  const rawPath = decodePath(encodedPath);
  if (rawPath === undefined) return undefined;
  const { headers, cookies } = readHeaders(request.rawHeaders);
  const timeEpoch = Date.now();
  const domainName = headers['host'] ?? '';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: addForwarding(headers, request.sourceIp),
    ...(rawQueryString === '' ? {} : { queryStringParameters: readQuery(rawQueryString) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: toLogTime(timeEpoch),
      timeEpoch,
    },
    ...readBody(request.body, headers['content-type']),
  };
};
