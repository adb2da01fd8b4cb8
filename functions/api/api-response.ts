import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { acceptsGzip, fhirJson } from '../fhir/content-negotiation.ts';
import { product } from '../platform/product.ts';
import type { ApiRequest } from './api-request.ts';

/** What an operation answers, before the headers that stand on every response. */
export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For answers that are the same for everyone: how long anybody may keep them, in seconds. All others are kept by nobody. */
  readonly cacheSeconds?: number;
  readonly body?:
    | { readonly kind: 'resource'; readonly resource: object /** Default: FHIR JSON. */; readonly contentType?: string }
    | { readonly kind: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
    | UnsentBody;
  /** Work that is under way and changes nothing of the answer any more: it has ended when the answer leaves. Never rejects. */
  readonly meanwhile?: Promise<void> | undefined;
}

/** What the headers say of a body that a HEAD request does not get. `length` is that of the JSON of a resource, in bytes. */
export type UnsentBody =
  | { readonly kind: 'unsent-resource'; readonly length: number }
  | { readonly kind: 'unsent-bytes'; readonly contentType: string };

/** Headers of every response, errors included. `x-xss-protection: 0` is right: the filter it switches off did more harm than good. */
const standardHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'x-powered-by': `${product.name}/${product.version}`,
} as const;

const uncached = {
  'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
} as const;

const cacheHeaders = (seconds: number | undefined) =>
  seconds === undefined ? uncached : { 'cache-control': `public, max-age=${seconds}` };

/** Smaller bodies gain nothing from compression. In bytes. */
const smallestGzip = 1024;

interface RenderedBody {
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const isCompressed = (length: number, acceptEncoding: string | undefined): boolean =>
  length > smallestGzip && acceptsGzip(acceptEncoding);

const resourceHeaders = (contentType: string, compressed: boolean): Record<string, string> => ({
  'content-type': contentType,
  vary: 'accept-encoding',
  ...(compressed ? { 'content-encoding': 'gzip' } : {}),
});

const renderResource = (
  { resource, contentType = fhirJson }: { readonly resource: object; readonly contentType?: string },
  acceptEncoding: string | undefined,
): RenderedBody => {
  const json = JSON.stringify(resource);
  const compressed = isCompressed(Buffer.byteLength(json), acceptEncoding);
  const headers = resourceHeaders(contentType, compressed);
  if (!compressed) return { headers, body: json };
  return { headers, body: gzipSync(json).toString('base64'), isBase64Encoded: true };
};

const renderBody = (body: ApiResponse['body'], acceptEncoding: string | undefined): RenderedBody => {
  if (body === undefined) return { headers: {} };
  if (body.kind === 'resource') return renderResource(body, acceptEncoding);
  if (body.kind === 'unsent-resource')
    return { headers: resourceHeaders(fhirJson, isCompressed(body.length, acceptEncoding)) };
  if (body.kind === 'unsent-bytes') return { headers: { 'content-type': body.contentType } };
  return {
    headers: { 'content-type': body.contentType },
    body: Buffer.from(body.bytes).toString('base64'),
    isBase64Encoded: true,
  };
};

/**
 * The answer in the form of payload 2.0: FHIR JSON as `application/fhir+json`, with gzip over 1 kB where it is accepted; raw bytes
 * never compressed. A HEAD request gets the headers alone.
 */
export const renderResponse = (response: ApiResponse, request: ApiRequest): APIGatewayProxyStructuredResultV2 => {
  const { headers, body, isBase64Encoded } = renderBody(response.body, request.header('accept-encoding'));
  return {
    statusCode: response.status,
    headers: {
      ...cacheHeaders(response.cacheSeconds),
      ...standardHeaders,
      ...headers,
      'x-request-id': request.requestId,
      ...response.headers,
    },
    ...(body === undefined || request.method === 'HEAD' ? {} : { body, isBase64Encoded: isBase64Encoded === true }),
  };
};
